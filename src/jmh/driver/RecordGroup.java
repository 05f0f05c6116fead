import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a packet costs.
final class RecordGroup extends BenchGroup {
  RecordGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    Map<String, Value> values =
        Jmh.run("TrafficAccountingBenchmark", "policies=" + POLICIES, "flows=10000,1000000");
    for (String flows : List.of("10000", "1000000")) {
      add(
          "record",
          "a packet, 1,000 policies, " + flows + " flows",
          values.get("accounting" + flows),
          "ConcurrentHashMap with LongAdder",
          values.get("concurrentMap" + flows),
          flows.equals("10000") ? 0.35 : 0.12);
      results.add(
          new Row(
              "record",
              "making the record, which is part of both",
              values.get("recordsAlone" + flows),
              "",
              null,
              Double.NaN,
              false));
    }
  }
}
