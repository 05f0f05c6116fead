package dev.patronus.control.answer;

import dev.patronus.json.Json;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The status of a source of traffic.
///
/// Immutable. Buffers, drops of the kernel and strangers are those of flow export.
///
/// @param source its name
/// @param state `idle`, `running`, `ended` or `failed`
/// @param reason why it failed
/// @param remark on how it ended
/// @param receiveBufferAsked in bytes
/// @param receiveBufferGranted in bytes
/// @param strangers the drops from unknown senders, by reason
/// @param received datagrams, packets or entries of the connection table
/// @param decoded flow records
/// @param dropped what was received and became no record
/// @param lost what never arrived
public record SourceAnswer(
    String source,
    String state,
    Optional<String> reason,
    Optional<String> remark,
    Optional<Long> receiveBufferAsked,
    Optional<Long> receiveBufferGranted,
    Optional<Long> kernelDropped,
    Optional<Map<String, Long>> strangers,
    long received,
    long decoded,
    long dropped,
    long lost) {
  private static final Pattern RECEIVER = Pattern.compile("((?:netflow|sflow)://.*)#([0-9]{1,2})");

  /// Whether it receives flow export.
  public boolean isFlowExport() {
    return source.contains("flow://");
  }

  /// The name that the receivers of an address have in common.
  public String address() {
    return address(source);
  }

  /// As [#address], of the name of a source: `netflow://0.0.0.0:2055#2` is a receiver of
  /// `netflow://0.0.0.0:2055`.
  public static String address(String source) {
    Matcher receiver = RECEIVER.matcher(source);
    return receiver.matches() ? receiver.group(1) : source;
  }

  /// The number of the receiver in the name of a source, from 1.
  static long receiver(String source) {
    Matcher receiver = RECEIVER.matcher(source);
    return receiver.matches() ? Long.parseLong(receiver.group(2)) : 1;
  }

  public boolean hasFailed() {
    return state.equals("failed");
  }

  Json.Obj json() {
    Json.Builder json =
        Json.object()
            .put("source", source)
            .put("state", state)
            .putIfPresent("reason", reason)
            .putIfPresent("remark", remark)
            .putIfPresent("receive_buffer_asked", receiveBufferAsked)
            .putIfPresent("receive_buffer_granted", receiveBufferGranted)
            .putIfPresent("kernel_dropped", kernelDropped);
    strangers.ifPresent(reasons -> json.put("strangers", Counts.json(reasons)));
    return json.put("received", received)
        .put("decoded", decoded)
        .put("dropped", dropped)
        .put("lost", lost)
        .build();
  }

  static SourceAnswer read(Json.Obj json) {
    return new SourceAnswer(
        json.text("source"),
        json.text("state"),
        json.findText("reason"),
        json.findText("remark"),
        json.findInteger("receive_buffer_asked"),
        json.findInteger("receive_buffer_granted"),
        json.findInteger("kernel_dropped"),
        json.findObject("strangers").map(Counts::read),
        json.integer("received"),
        json.integer("decoded"),
        json.integer("dropped"),
        json.integer("lost"));
  }
}
