package dev.patronus.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.control.Request.Client;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.json.UnreadableJson;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class RequestFuzzTest {
  static Stream<byte[]> seeds() {
    Client client = new Client("ann", Optional.of("192.0.2.7"), "patronus");
    FlowKey key = FlowKey.of(IpAddress.v4(1), 40000, IpAddress.parse("2001:db8::2"), 443, 6);
    return Stream.of(
            new Request.Status(),
            new Request.Flows(Request.Order.BYTES, 20, Optional.of(-3L), FlowFilter.ALL),
            new Request.FlowStretch(250, 250, Optional.empty(), FlowFilter.ALL),
            new Request.FlowGroups(
                Set.of(GroupKey.SRC),
                Request.Order.RATE,
                5,
                Optional.empty(),
                FlowFilter.parse("src net 10.0.0.0/8 and not (port 80 or udp)", _ -> 0)),
            new Request.Reset(Optional.of(7L), client),
            new Request.CacheClear(Optional.of("metrics"), client),
            new Request.CacheCleanup(client),
            new Request.Explain(key, Optional.of("a"), Optional.empty()),
            new Request.Changed())
        .map(request -> request.line().getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_line_is_refused_or_is_a_request_whose_line_means_the_same(byte[] input) {
    Request read;
    try {
      read = Request.parse(new String(input, StandardCharsets.UTF_8), ControlServer.LINE);
    } catch (UnreadableJson e) {
      assertTrue(e.getMessage() != null, "a reason");
      return;
    }
    assertEquals(read, Request.parse(read.line(), 2 * ControlServer.LINE));
  }
}
