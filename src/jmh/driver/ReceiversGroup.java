import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What a second receiving thread gives on four processors: two that receive and two that send.
///
/// Each of these threads has a [SimulatedCore], so that two processors are enough; the other
/// threads of the daemon have what is left. One daemon with one receiving thread and one with two,
/// and two programs in C that show what the method can give, take the same flow export in turns.
/// Each sender is an exporter of its own with half of the keys, whose source port is one that the
/// kernel gives to the receiving thread that is wanted.
final class ReceiversGroup extends BenchGroup {
  private static final int BUFFER = 4 << 20;
  private static final int KEYS = 200_000;
  private static final int SENDERS = 2;
  private static final int ROUNDS = 4;
  private static final int ROUNDS_OF_CHECK = 2;

  /// Shares of a processor; of two, the rest is left for the daemon's other threads. A sender needs
  /// more for a record than a receiver, and must not be what limits the two.
  private static final double RECEIVER = 0.3;

  private static final double SENDER = 0.55;

  /// That of the daemon's other threads is no limit; they need precedence over other programs.
  private static final double OTHERS = 2;

  /// The work of the program in C for each datagram: about the time that the daemon needs for it.
  private static final String PASSES = "3";

  private final Opened open = new Opened();
  private final List<Sender> senders = new ArrayList<>();

  ReceiversGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    if (!SimulatedCore.possible()) {
      results.missing("processor quotas (root, and the controller 'cpu' of cgroup v1)");
      return;
    }
    try (open) {
      for (int i = 0; i < SENDERS; i++) {
        Sender sender = new Sender(new UdpLoad(5, POLICIES, i * KEYS / SENDERS, KEYS / SENDERS));
        open.add(sender);
        senders.add(sender);
      }
      compare("NetFlow v5", daemon(1), "one receiving thread", daemon(2), 1.7, ROUNDS);
      if (!lacks("gcc", "gcc")) {
        run(List.of("gcc", "-O2", "-o", program(), "src/jmh/c/receive.c"));
        compare(
            "as a check `recvmmsg` in C and some work",
            programs(1),
            "one such process",
            programs(2),
            Double.NaN,
            ROUNDS_OF_CHECK);
      }
    }
  }

  private void compare(
      String what, Receivers one, String peer, Receivers two, double bar, int rounds)
      throws Exception {
    List<Receivers> both = List.of(one, two);
    for (Receivers each : both) {
      each.warmUp();
    }
    for (int round = 0; round < rounds; round++) {
      for (Receivers each : round % 2 == 0 ? both : both.reversed()) {
        each.measure();
      }
    }
    String head = what + ", two threads that receive, four simulated cores: ";
    rate(head + "without loss", two.lossless, peer, one.lossless, bar);
    rate(head + "taken of more", two.taken, peer, one.taken, Double.NaN);
    results.add(
        new Row(
            "receivers",
            head + "processor time of a record",
            Value.of(array(two.nanos), "ns"),
            peer,
            Value.of(array(one.nanos), "ns"),
            Double.NaN,
            false));
  }

  private void rate(String what, List<Double> ours, String peer, List<Double> theirs, double bar) {
    String unit = "M records/s";
    Value value = Value.of(array(ours), unit);
    results.add(new Row("receivers", what, value, peer, Value.of(array(theirs), unit), bar, true));
  }

  private Receivers daemon(int receivers) throws Exception {
    Path db = database("receivers" + receivers + ".db", POLICIES, POLICIES);
    Path state = Files.createDirectories(data.resolve("receivers" + receivers));
    String source =
        receivers == 1
            ? "?receive-buffer=" + BUFFER
            : "?receivers=" + receivers + "&receive-buffer=" + receivers * BUFFER; // divided
    BenchDaemon daemon = new BenchDaemon(state, db, state.resolve("sock"), source);
    open.add(daemon);
    UdpLoad.await(
        () -> daemon.receivingThreads().size() == receivers, "not as many receiving threads");
    return new Receivers(List.of(daemon.process()), daemon.receivingThreads(), daemon.ports());
  }

  private Receivers programs(int receivers) throws Exception {
    int port = UdpLoad.freePort();
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < receivers; i++) {
      Process process = quietly(List.of(program(), "" + port, "" + BUFFER, PASSES));
      open.add(() -> process.destroyForcibly().waitFor());
      processes.add(process);
    }
    UdpLoad.await(() -> UdpLoad.sockets(port).size() == receivers, "no program at " + port);
    return new Receivers(processes, processes.stream().map(Process::pid).toList(), List.of(port));
  }

  private String program() {
    return data.resolve("receive").toString();
  }

  /// What has been opened; closed in reverse, each also if closing another one fails.
  private static final class Opened implements AutoCloseable {
    private final Deque<AutoCloseable> all = new ArrayDeque<>();

    void add(AutoCloseable each) {
      all.push(each);
    }

    @Override
    public void close() throws Exception {
      if (!all.isEmpty()) {
        try {
          all.pop().close();
        } finally {
          close();
        }
      }
    }
  }

  /// A thread that sends, and what it sends.
  private static final class Sender implements AutoCloseable {
    final UdpLoad load;
    private final SimulatedCore core = new SimulatedCore(SENDER);
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    Sender(UdpLoad load) throws Exception {
      this.load = load;
      this.<Void>run(
              () -> {
                core.takeCaller();
                return null;
              })
          .get();
    }

    <T> Future<T> run(Callable<T> work) {
      return thread.submit(work);
    }

    @Override
    public void close() {
      thread.close();
      core.close();
    }
  }

  /// Threads that receive, each on a core of its own, and their results so far.
  private final class Receivers {
    private static final double MODERATE = 800_000;
    private static final double SECONDS = 1.2;
    private static final double STEP = 1.04;
    private static final double SENDERS_LIMIT = 0.97;

    private final List<Process> processes;
    private final List<Integer> ports;
    private final List<DatagramChannel> channels = new ArrayList<>();

    final List<Double> lossless = new ArrayList<>();
    final List<Double> taken = new ArrayList<>();
    final List<Double> nanos = new ArrayList<>();

    Receivers(List<Process> processes, List<Long> threads, List<Integer> ports) throws Exception {
      this.processes = processes;
      this.ports = ports;
      SimulatedCore others = new SimulatedCore(OTHERS);
      open.add(others);
      for (Process process : processes) {
        others.take(process);
      }
      for (long thread : threads) {
        SimulatedCore core = new SimulatedCore(RECEIVER);
        open.add(core);
        core.take(thread);
      }
      signal("-STOP");
      try {
        for (int i = 0; i < SENDERS; i++) {
          channels.add(channel(i));
        }
      } finally {
        signal("-CONT");
      }
    }

    private void signal(String signal) throws Exception {
      for (Process process : processes) {
        run(List.of("kill", signal, "" + process.pid()));
        Path state = Path.of("/proc/" + process.pid() + "/stat");
        boolean stops = signal.equals("-STOP");
        UdpLoad.await(
            () -> Files.readString(state).contains(") T ") == stops, "no effect of " + signal);
      }
    }

    /// From a source port whose datagrams arrive at the wanted one of the sockets, while nobody
    /// reads from them.
    private DatagramChannel channel(int sender) throws IOException {
      int port = ports.get(sender % ports.size());
      InetSocketAddress local = new InetSocketAddress("127.0.0." + (2 + sender), 0);
      while (true) {
        List<UdpLoad.Socket> before = UdpLoad.sockets(port);
        int wanted = sender % before.size();
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        open.add(channel);
        channel.bind(local).connect(new InetSocketAddress("127.0.0.1", port));
        senders.get(sender).load.send(channel, 1, Double.MAX_VALUE);
        if (UdpLoad.sockets(port).get(wanted).queued() > before.get(wanted).queued()) {
          return channel;
        }
      }
    }

    /// At a rate that one thread bears, so that code is compiled and tables have their size.
    void warmUp() throws Exception {
      send(MODERATE, 8 * MODERATE);
      send(Double.MAX_VALUE, 2 * MODERATE);
    }

    void measure() throws Exception {
      long before = processorNanos();
      UdpLoad.Sent moderate = send(MODERATE, 2 * MODERATE);
      nanos.add((double) (processorNanos() - before) / moderate.records());
      double most = taken();
      taken.add(most / 1e6);
      double best = 0;
      for (double from = most * 0.8; best == 0; from *= 0.8) {
        best = best(from);
      }
      lossless.add(best / 1e6);
      System.err.printf(
          "bench: receivers: %d threads, taken %.2f, without loss %.2f M/s, %.0f ns%n",
          UdpLoad.sockets(ports.getFirst()).size(), most / 1e6, best / 1e6, nanos.getLast());
    }

    /// The records that are read in a second when more are sent.
    private double taken() throws Exception {
      long dropped = drops();
      long began = System.nanoTime();
      UdpLoad.Sent sent = send(Double.MAX_VALUE, 16_000_000);
      double seconds = (System.nanoTime() - began) / 1e9;
      return (sent.records() - 30 * (drops() - dropped)) / seconds;
    }

    /// The greatest rate without loss; a second attempt is made at each rate, as something else may
    /// have had the processors during the first.
    ///
    /// @return 0 if the first rate is not borne
    private double best(double from) throws Exception {
      double best = 0;
      for (double rate = from; ; rate *= STEP) {
        double borne = borne(rate);
        if (borne == 0) {
          borne = borne(rate);
        }
        if (borne == 0) {
          return best;
        }
        best = borne;
        if (borne < rate * SENDERS_LIMIT) {
          System.err.println("bench: receivers: the senders can send no more than that");
          return best;
        }
      }
    }

    /// @return the rate that was sent; 0 if something was lost
    private double borne(double rate) throws Exception {
      long dropped = drops();
      UdpLoad.Sent sent = send(rate, rate * SECONDS);
      return drops() == dropped ? sent.rate() : 0;
    }

    private long drops() throws IOException {
      long drops = 0;
      for (int port : ports) {
        drops += UdpLoad.drops(port);
      }
      return drops;
    }

    /// Sends from all senders, and waits until everything is read.
    private UdpLoad.Sent send(double rate, double records) throws Exception {
      List<Future<UdpLoad.Sent>> parts = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        UdpLoad load = senders.get(i).load;
        DatagramChannel channel = channels.get(i);
        parts.add(
            senders.get(i).run(() -> load.send(channel, (long) records / SENDERS, rate / SENDERS)));
      }
      long sent = 0;
      long longest = 0;
      for (Future<UdpLoad.Sent> part : parts) {
        sent += part.get().records();
        longest = Math.max(longest, part.get().nanos());
      }
      for (int port : ports) {
        UdpLoad.awaitEmpty(port);
      }
      return new UdpLoad.Sent(sent, longest);
    }

    private long processorNanos() {
      return processes.stream().mapToLong(Programs::processorNanos).sum();
    }
  }
}
