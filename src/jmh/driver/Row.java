import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A row of the table.
///
/// @param bar what the ratio must reach; NaN where there is none
/// @param atLeast whether the bar is a lower bound
record Row(
    String group, String what, Value ours, String peer, Value beside, double bar, boolean atLeast) {
  /// Ours by the peer's; ours alone where there is no peer.
  double ratio() {
    return beside == null ? ours.median() : ours.median() / beside.median();
  }

  /// The ratio of processor times; NaN where there is none.
  double processorRatio() {
    return beside == null ? Double.NaN : ours.processor() / beside.processor();
  }

  String verdict() {
    if (Double.isNaN(bar)) {
      return "";
    }
    return (atLeast ? ratio() >= bar : ratio() <= bar) ? "met" : "not met";
  }

  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("group", group());
    members.put("what", what());
    members.put("unit", ours().unit());
    members.put("median", ours().median());
    members.put("quartiles", List.of(ours().low(), ours().high()));
    if (beside() != null) {
      members.put("peer", peer());
      members.put("peer_median", beside().median());
      members.put("peer_quartiles", List.of(beside().low(), beside().high()));
    }
    members.put("ratio", ratio());
    if (!Double.isNaN(processorRatio())) {
      members.put("processor_seconds", ours().processor());
      members.put("peer_processor_seconds", beside().processor());
      members.put("processor_ratio", processorRatio());
    }
    if (!Double.isNaN(bar())) {
      members.put("bar", bar());
      members.put("met", verdict().equals("met"));
    }
    return members;
  }
}
