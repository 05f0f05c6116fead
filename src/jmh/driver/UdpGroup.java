import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What collectors of flow export bear: the greatest rate at which the kernel drops nothing,
/// searched by rising rates, and the processor time at a rate that both bear.
final class UdpGroup extends BenchGroup {
  UdpGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    if (lacks("nfcapd", "nfdump")) {
      return;
    }
    double[] bars = {1.9, 1.9, 1.9};
    String[] names = {"NetFlow v5", "NetFlow v9", "IPFIX"};
    int[] versions = {5, 9, 10};
    for (int i = 0; i < versions.length; i++) {
      UdpLoad load = new UdpLoad(versions[i], POLICIES, 200_000);
      Path db = database("udp" + versions[i] + ".db", POLICIES, POLICIES);
      Load ours;
      try (BenchDaemon daemon = new BenchDaemon(data, db, data.resolve("udp.sock"), 4_194_304)) {
        ours = Load.of(load, daemon.port(), daemon.process());
      }
      Load peer;
      int port = UdpLoad.freePort();
      Path flows = Files.createDirectories(data.resolve("nfcapd" + versions[i]));
      Process nfcapd =
          quietly(
              List.of(
                  "nfcapd",
                  "-b",
                  "127.0.0.1",
                  "-p",
                  "" + port,
                  "-w",
                  flows.toString(),
                  "-B",
                  "4194304",
                  "-t",
                  "3600"));
      try {
        UdpLoad.awaitListener(port);
        peer = Load.of(load, port, nfcapd);
      } finally {
        nfcapd.destroy();
        nfcapd.waitFor();
        delete(flows);
      }
      results.add(
          new Row(
              "udp",
              names[i] + " without loss, 200,000 keys, buffers of 4 MB",
              Value.one(ours.best() / 1e6, "M records/s"),
              "nfcapd, which counts nothing",
              Value.one(peer.best() / 1e6, "M records/s"),
              bars[i],
              true));
      add(
          "udp",
          names[i] + ", processor time of a record",
          Value.one(ours.nanos(), "ns"),
          "nfcapd, which counts nothing",
          Value.one(peer.nanos(), "ns"),
          Double.NaN);
    }
  }

  /// What a collector bears.
  ///
  /// @param best records a second without loss
  /// @param nanos processor time of a record at a moderate rate
  private record Load(double best, double nanos) {
    private static final double MODERATE = 800_000;

    static Load of(UdpLoad load, int port, Process process) throws Exception {
      load.send(port, 4_000_000, MODERATE); // compiled code, warm tables
      UdpLoad.awaitEmpty(port);
      Duration before = Duration.of(process);
      UdpLoad.Sent moderate = load.send(port, 2_000_000, MODERATE);
      UdpLoad.awaitEmpty(port);
      double nanos = (double) (Duration.of(process).nanos() - before.nanos()) / moderate.records();
      double best = 0;
      for (double rate = 600_000; rate < 12_000_000; rate *= 1.2) {
        long drops = UdpLoad.drops(port);
        UdpLoad.Sent sent = load.send(port, (long) (rate * 1.2), rate);
        UdpLoad.awaitEmpty(port);
        if (UdpLoad.drops(port) > drops) {
          break;
        }
        best = Math.max(best, sent.rate());
        if (sent.rate() < rate * 0.9) {
          break; // the sender cannot do more
        }
      }
      return new Load(best, nanos);
    }
  }

  /// Processor time of a process, children aside.
  private record Duration(long nanos) {
    static Duration of(Process process) {
      return new Duration(process.toHandle().info().totalCpuDuration().orElseThrow().toNanos());
    }
  }
}
