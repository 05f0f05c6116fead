package dev.patronus.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8, 10.0.0.0/8",
    "10.1.2.3, 10.1.2.3/32",
    "0.0.0.0/0, 0.0.0.0/0",
    "2001:db8::1/32, 2001:db8::/32",
    "::/0, ::/0",
    "::1, ::1/128",
  })
  void a_block_is_written_with_its_first_address(String text, String canonical) {
    assertEquals(canonical, IpPrefix.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "/8"})
  void what_is_no_block_is_refused(String text) {
    assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "0.0.0.0/0, 203.0.113.1, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 10.0.0.1, true",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
  })
  void a_block_contains_what_shares_its_bits(String block, String address, boolean contained) {
    assertEquals(contained, IpPrefix.parse(block).contains(IpAddress.parse(address)));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255",
    "0.0.0.0/0, 255.255.255.255",
    "10.1.2.3, 10.1.2.3",
    "2001:db8::/33, 2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
    "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  })
  void the_last_address_has_all_other_bits_set(String block, String last) {
    assertEquals(IpAddress.parse(last), IpPrefix.parse(block).last());
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0, true",
    "::ffff:10.0.0.0/104, true",
    "::/0, false",
    "::ffff:10.0.0.0/8, false"
  })
  void a_block_within_the_mapped_addresses_is_IPv4(String block, boolean v4) {
    assertEquals(v4, IpPrefix.parse(block).isV4());
  }

  @Test
  void it_agrees_with_arithmetic_on_big_integers() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      IpAddress a = new IpAddress(random.nextLong(), random.nextLong());
      int flipped = random.nextInt(128);
      IpAddress b =
          flipped < 64
              ? new IpAddress(a.high() ^ 1L << (63 - flipped), a.low())
              : new IpAddress(a.high(), a.low() ^ 1L << (127 - flipped));
      int bits = random.nextInt(129);
      boolean same = number(a).shiftRight(128 - bits).equals(number(b).shiftRight(128 - bits));
      assertEquals(same, new IpPrefix(a, bits).contains(b), () -> "seed " + seed);
    }
  }

  private static BigInteger number(IpAddress address) {
    BigInteger high = new BigInteger(Long.toUnsignedString(address.high()));
    return high.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(address.low())));
  }
}
