import java.nio.file.Path;

/// Commands that ask a daemon, and its memory.
final class LiveGroup extends BenchGroup {
  private static final int FLOWS = 10_000;

  LiveGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    Path db = database("live.db", POLICIES, POLICIES);
    Path socket = data.resolve("live.sock");
    try (BenchDaemon daemon = new BenchDaemon(data, db, socket, "")) {
      new UdpLoad(5, POLICIES, FLOWS).send(daemon.port(), 10L * FLOWS, 50_000);
      String patronus = PROGRAM + " --db " + db + " --socket " + socket + " ";
      beside(
          "live",
          "an empty Java main",
          emptyMain(),
          20,
          new Timed("`stats` of a daemon with 1,000 policies", patronus + "stats", 2.2),
          new Timed("`status` of the same", patronus + "status", 2.2),
          new Timed("`stats flows` of the same", patronus + "stats flows", 2.2));
      memory("resident memory, 1,000 policies and 10,000 flows", daemon.restingMegabytes(), 90);
      memory("the same, at most", daemon.peakMegabytes(), Double.NaN);
    }
    Path large = database("million.db", POLICIES, POLICIES);
    try (BenchDaemon daemon = new BenchDaemon(data, large, data.resolve("million.sock"), "")) {
      new UdpLoad(5, POLICIES, 1_000_000).send(daemon.port(), 2_000_000, 300_000);
      memory(
          "resident memory at most, 1,000 policies, 1 M flows sent, of which it keeps what it has room for",
          daemon.peakMegabytes(),
          Double.NaN);
    }
  }

  private void memory(String what, double megabytes, double bar) {
    results.add(new Row("live", what, Value.one(megabytes, "MB"), "", null, bar, false));
  }
}
