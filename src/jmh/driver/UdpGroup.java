import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// What collectors of flow export bear: the greatest rate at which nothing is lost, searched by
/// rising rates, and the processor time at a rate that all bear.
final class UdpGroup extends BenchGroup {
  private static final String BUFFER = "4194304";
  private static final String VERSIONS = System.getProperty("bench.udp", "5,9,10");
  private static final long PACKETS_OF_RECORD = 3;

  UdpGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    for (String version : VERSIONS.split(",")) {
      String name =
          switch (version) {
            case "5" -> "NetFlow v5";
            case "9" -> "NetFlow v9";
            default -> "IPFIX";
          };
      UdpLoad load = new UdpLoad(Integer.parseInt(version), POLICIES, 200_000);
      Path db = database("udp" + version + ".db", POLICIES, POLICIES);
      Load ours;
      try (BenchDaemon daemon =
          new BenchDaemon(data, db, data.resolve("udp.sock"), "?receive-buffer=" + BUFFER)) {
        ours = Load.of(load, daemon.port(), daemon.process(), written());
      }
      if (!lacks("nfcapd", "nfdump")) {
        beside(name, ours, "nfcapd, which counts nothing", nfcapd(load), 1.9);
      }
      if (!lacks("nfacctd", "pmacct")) {
        besideNfacctd(name, ours, load);
      }
      if (version.equals("5") && !lacks("gcc", "gcc")) { // the others are as many bytes
        beside(name, ours, "`recvmmsg` in C, which reads nothing", receive(load), 0.45);
      }
    }
  }

  private void beside(String name, Load ours, String peer, Load theirs, double bar) {
    results.add(
        new Row(
            "udp",
            name + " without loss, 200,000 keys, buffers of 4 MB",
            Value.one(ours.best() / 1e6, "M records/s"),
            peer,
            Value.one(theirs.best() / 1e6, "M records/s"),
            bar,
            true));
    add(
        "udp",
        name + ", processor time of a record",
        Value.one(ours.nanos(), "ns"),
        peer,
        Value.one(theirs.nanos(), "ns"),
        Double.NaN);
  }

  private Load nfcapd(UdpLoad load) throws Exception {
    int port = UdpLoad.freePort();
    Path flows = Files.createDirectories(written());
    List<String> words =
        List.of(
            "nfcapd",
            "-b",
            "127.0.0.1",
            "-p",
            "" + port,
            "-w",
            flows.toString(),
            "-B",
            BUFFER,
            "-t",
            "3600");
    try {
      return of(load, port, words);
    } finally {
      delete(flows);
    }
  }

  private Load receive(UdpLoad load) throws Exception {
    Path program = data.resolve("receive");
    run(List.of("gcc", "-O2", "-o", program.toString(), "src/jmh/c/receive.c"));
    int port = UdpLoad.freePort();
    return of(load, port, List.of(program.toString(), "" + port, BUFFER));
  }

  /// With its plugin that keeps flows in memory. What its socket takes does not all arrive in the
  /// table; the peer's name says how much did.
  private void besideNfacctd(String name, Load ours, UdpLoad load) throws Exception {
    int port = UdpLoad.freePort();
    Path table = data.resolve("nfacctd.pipe");
    Path configuration = data.resolve("nfacctd.conf");
    Files.writeString(
        configuration,
        """
        daemonize: false
        nfacctd_ip: 127.0.0.1
        nfacctd_port: $PORT
        nfacctd_pipe_size: $BUFFER
        plugins: memory
        aggregate: src_host, dst_host, src_port, dst_port, proto
        imt_path: $TABLE
        imt_buckets: 262147
        imt_mem_pools_size: 1048576
        imt_mem_pools_number: 0
        plugin_pipe_size: 67108864
        plugin_buffer_size: 65536
        """
            .replace("$PORT", "" + port)
            .replace("$BUFFER", BUFFER)
            .replace("$TABLE", table.toString()));
    Process process = quietly(List.of("/usr/sbin/nfacctd", "-f", configuration.toString()));
    try {
      UdpLoad.awaitListener(port);
      long before = load.sentInAll();
      Load theirs = Load.of(load, port, process, written());
      long sent = (load.sentInAll() - before) * PACKETS_OF_RECORD;
      String peer =
          "nfacctd without loss at its socket; "
              + 100 * packets(table) / sent
              + " % of all that was sent reached its table";
      beside(name, ours, peer, theirs, 2.5);
    } finally {
      end(process);
    }
  }

  /// The packets in its table, once they do not become more.
  private long packets(Path table) throws Exception {
    Path csv = data.resolve("nfacctd.csv");
    long last = -1;
    long packets = 0;
    while (packets > last) {
      last = packets;
      LockSupport.parkNanos(500_000_000);
      shell("pmacct -s -p " + table + " -O csv > " + csv);
      try (Stream<String> lines = Files.lines(csv)) {
        packets = lines.skip(1).mapToLong(line -> Long.parseLong(line.split(",")[5])).sum();
      }
    }
    return packets;
  }

  /// Where a collector that writes records writes them.
  private Path written() {
    return data.resolve("nfcapd");
  }

  private Load of(UdpLoad load, int port, List<String> words) throws Exception {
    Process process = quietly(words);
    try {
      UdpLoad.awaitListener(port);
      return Load.of(load, port, process, written());
    } finally {
      end(process);
    }
  }

  /// Ends it at once: nfacctd waits for its plugin and does not end at the first signal.
  private static void end(Process process) throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.waitFor();
  }

  /// What a collector bears.
  ///
  /// @param best records a second without loss
  /// @param nanos processor time of a record at a moderate rate
  private record Load(double best, double nanos) {
    private static final double MODERATE = 800_000;

    /// @param written a folder whose files are emptied after each rate, as they are in memory
    static Load of(UdpLoad load, int port, Process process, Path written) throws Exception {
      load.send(port, 4_000_000, MODERATE); // compiled code, warm tables
      UdpLoad.awaitEmpty(port);
      long before = processorNanos(process);
      UdpLoad.Sent moderate = load.send(port, 2_000_000, MODERATE);
      UdpLoad.awaitEmpty(port);
      double nanos = (double) (processorNanos(process) - before) / moderate.records();
      empty(written);
      double best = 0;
      boolean borne = true;
      for (double rate = 600_000; borne && rate < 12_000_000; rate *= 1.2) {
        long lost = UdpLoad.drops(port);
        UdpLoad.Sent sent = load.send(port, (long) (rate * 1.2), rate);
        UdpLoad.awaitEmpty(port);
        borne = UdpLoad.drops(port) == lost;
        empty(written);
        if (borne) {
          best = Math.max(best, sent.rate());
        }
        if (sent.rate() < rate * 0.9) {
          break; // the sender cannot do more
        }
      }
      return new Load(best, nanos);
    }

    private static void empty(Path folder) throws IOException {
      if (!Files.exists(folder)) {
        return;
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          FileChannel.open(file, StandardOpenOption.WRITE).truncate(0).close();
        }
      }
    }
  }
}
