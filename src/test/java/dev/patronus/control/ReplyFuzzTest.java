package dev.patronus.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.error.ExitCode;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.policy.PolicyTraffic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class ReplyFuzzTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");

  static Stream<byte[]> seeds() {
    FlowKey key = FlowKey.of(IpAddress.v4(1), 40000, IpAddress.parse("2001:db8::2"), 443, 6);
    List<Reply.Flow> flows =
        List.of(
            new Reply.Flow(
                key, Optional.of(-3L), Optional.of(5L), Optional.of(key.dst()), 1, 60, NOW, NOW));
    List<Reply.Group> groups =
        List.of(
            new Reply.Group(
                key,
                Optional.of(-3L),
                Optional.of(5L),
                Optional.of(key.dst()),
                1,
                2,
                60,
                NOW,
                NOW));
    Reply.Stats stats =
        new Reply.Stats(
            "/db",
            NOW,
            List.of(
                new PolicyTraffic(-1, "voice", 3, true, 1, 2, 3, NOW),
                new PolicyTraffic(1, "idle", -3, false, 0, 0, 0, null)),
            new Reply.Bucket(1, 2, 3),
            true,
            true);
    return Stream.of(
            stats,
            new Reply.StatsRows(stats),
            new Reply.Flows(NOW, 2, 1, flows, Map.of(-3L, "voice")),
            new Reply.FlowStretch(NOW, NOW, 1, -1, flows),
            new Reply.FlowGroups(NOW, 3, 2, 1, new Reply.Bucket(1, 2, 3), 4, groups),
            new Reply.Paths("/db", NOW, NOW, false, List.of(new Reply.PathTraffic(1, 2, 3, 4))),
            new Reply.Done("done", 3),
            new Reply.Document(Json.object().put("a", 1.5).build()),
            new Reply.Refused(ExitCode.BUSY, "try again"))
        .map(reply -> reply.line().getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_line_is_refused_or_is_a_reply_whose_line_means_the_same(byte[] input) {
    Reply read;
    try {
      read = ReplyLine.read(new String(input, StandardCharsets.UTF_8));
    } catch (UnreadableJson e) {
      assertTrue(e.getMessage() != null, "a reason");
      return;
    }
    assertEquals(read, ReplyLine.read(read.line()));
  }
}
