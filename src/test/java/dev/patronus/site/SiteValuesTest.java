package dev.patronus.site;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiteValuesTest {
  @ParameterizedTest
  @CsvSource({"up, true", "degraded, true", "down, false", "UP, true"})
  void a_path_is_usable_when_it_is_up_or_degraded(String text, boolean usable) {
    assertEquals(usable, PathStatus.of(text).usable());
  }

  @Test
  void a_status_that_nobody_knows_is_kept_as_its_text_and_carries_nothing() {
    PathStatus status = PathStatus.of("Quarantined");
    assertEquals("Quarantined", status.text());
    assertFalse(status.usable());
    assertEquals("lost", SiteStatus.of("lost").text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"active", "inactive", "degraded"})
  void a_known_site_status_is_read_and_written_alike(String text) {
    SiteStatus status = SiteStatus.of(text);
    assertTrue(status instanceof SiteStatus.Known);
    assertEquals(text, status.text());
  }

  @Test
  void a_public_key_gives_back_its_bytes_whatever_their_number() {
    for (byte[] bytes : new byte[][] {{}, {1}, {1, 2}, {-1, 0, 127}, new byte[32]}) {
      assertArrayEquals(bytes, PublicKey.of(bytes).bytes());
      assertEquals(PublicKey.of(bytes), PublicKey.of(bytes.clone()));
    }
  }

  @Test
  void a_public_key_is_not_made_of_sloppy_Base64() {
    assertThrows(IllegalArgumentException.class, () -> new PublicKey("AQ"));
    assertThrows(IllegalArgumentException.class, () -> new PublicKey("AR=="));
    assertThrows(IllegalArgumentException.class, () -> new PublicKey("what?"));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "192.0.2.1:51820, 192.0.2.1:51820",
    "' 192.0.2.1:51820 ', 192.0.2.1:51820",
    "2001:DB8::1, 2001:db8::1",
    "[2001:db8::1], 2001:db8::1",
    "[2001:db8::1]:51820, [2001:db8::1]:51820",
    "::ffff:192.0.2.1, 192.0.2.1",
    "[::ffff:192.0.2.1]:443, 192.0.2.1:443",
  })
  void an_endpoint_address_is_read_with_and_without_its_port(String text, String canonical) {
    assertEquals(canonical, EndpointAddress.parse(text).orElseThrow().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host", "host:1", "192.0.2.1:", "192.0.2.1:65536", "[::1", "[::1]1", "[]:1"})
  void what_is_no_endpoint_address_is_empty(String text) {
    assertTrue(EndpointAddress.parse(text).isEmpty());
  }

  @Test
  void a_path_touches_both_its_sites_and_no_other() {
    Path path =
        new Path(7, "a", "b", "192.0.2.1", "192.0.2.2", Optional.empty(), PathStatus.Known.UP);
    assertTrue(path.touches("a"));
    assertTrue(path.touches("b"));
    assertFalse(path.touches("c"));
  }
}
