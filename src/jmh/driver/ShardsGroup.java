import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a second receiving thread gives: decoding and counting without sockets.
final class ShardsGroup extends BenchGroup {
  ShardsGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    Map<String, Value> rates =
        Jmh.run(
            "ShardsBenchmark",
            List.of("-wi", "5", "-w", "1", "-i", "10", "-r", "1"),
            "M records/s");
    Value one = rates.get("oneReceiver");
    String peer = "one thread";
    add(
        "NetFlow v5 decoded and counted by two threads, a table each",
        rates.get("twoReceivers"),
        peer,
        one,
        1.7);
    add("the same with one table for both", rates.get("twoSources"), peer, one, Double.NaN);
    add(
        "two threads that only compute",
        rates.get("twoSums"),
        "one of them",
        rates.get("oneSum"),
        Double.NaN);
  }

  private void add(String what, Value ours, String peer, Value beside, double bar) {
    results.add(new Row("shards", what, ours, peer, beside, bar, true));
  }
}
