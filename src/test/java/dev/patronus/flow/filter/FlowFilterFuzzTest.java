package dev.patronus.flow.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class FlowFilterFuzzTest {
  private static final SeenFlow FLOW = SeenFlow.of("10.0.0.1", 40000, "192.0.2.1", 443, 6);

  static Stream<byte[]> seeds() {
    return Stream.of(
            "src net 10.0.0.0/8 and dst port 443 and proto tcp",
            "not (tcp port 80 or 443 || udp portrange 5060-5090) && !icmp6",
            "policy 'a b' or \"7\" or unmatched and path 3",
            "exporter 2001:db8::1 and bytes > 1.5M and rate<=100Mbit/s and packets==4",
            "net 10.1 mask 255.255.0.0 or ip6 src or dst host 2001:db8::2",
            "dst port >= 1024 and ip proto \\udp and src and dst (10.0.0.1 or not 10/8)")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_text_is_refused_or_is_a_filter_whose_text_means_the_same(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    FlowFilter filter;
    try {
      filter = FlowFilter.parse(text, String::hashCode);
    } catch (UnreadableFilter e) {
      assertFalse(e.getMessage().isBlank());
      return;
    }
    boolean matches = filter.matches(FLOW);
    String meaning = filter.toString();
    if (meaning.length() <= FlowFilter.LENGTH_MAX) {
      FlowFilter again = FlowFilter.parse(meaning, Long::parseUnsignedLong);
      assertEquals(filter, again);
      assertEquals(matches, again.matches(FLOW));
    }
    FlowFilter.isUnlikeTcpdump(text);
  }
}
