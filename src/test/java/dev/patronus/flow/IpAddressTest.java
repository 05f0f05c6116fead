package dev.patronus.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1",
    "255.255.255.255, 255.255.255.255",
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "::ffff:10.1.2.3, 10.1.2.3",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "fe80::1:2:3:4:5:6, fe80:0:1:2:3:4:5:6",
  })
  void an_address_is_written_as_RFC_5952_says(String text, String canonical) {
    assertEquals(canonical, IpAddress.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0",
        "10.0.0.0.1",
        "10.0.0.256",
        "010.0.0.1",
        "10.0.0.-1",
        "10.0.0.1/8",
        ":",
        ":::",
        "1::2::3",
        "12345::",
        "g::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8",
        "fe80::1%eth0",
        "host",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "１.2.3.4",
      })
  void what_is_no_address_is_refused_by_name(String text) {
    var refused = assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
    assertTrue(refused.getMessage().contains("'" + text + "'"), refused.getMessage());
  }

  @Test
  void random_addresses_mean_what_the_JDK_means() throws UnknownHostException {
    Random random = new Random(42);
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[16];
      for (int b = 0; b < 16; b++) {
        bytes[b] = random.nextBoolean() ? 0 : (byte) random.nextInt(256);
      }
      ByteBuffer halves = ByteBuffer.wrap(bytes);
      IpAddress ours = new IpAddress(halves.getLong(), halves.getLong());
      assertEquals(ours, IpAddress.parse(ours.toString()), ours.toString());
      InetAddress theirs = InetAddress.getByAddress(bytes);
      if (!ours.isV4()) {
        assertEquals(theirs, InetAddress.getByName(ours.toString()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "2001:db8::ff00:42:8329", "::"})
  void an_address_is_made_of_its_bytes(String text) throws UnknownHostException {
    byte[] bytes = InetAddress.getByName(text).getAddress();
    assertEquals(IpAddress.parse(text), IpAddress.of(bytes));
    assertThrows(IllegalArgumentException.class, () -> IpAddress.of(new byte[5]));
  }
}
