package dev.patronus.cli;

import dev.patronus.cli.alert.UnderstoodAlerts;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.Version;
import dev.patronus.cli.option.UnknownKey;
import dev.patronus.config.DaemonSettings;
import dev.patronus.daemon.Daemon;
import dev.patronus.daemon.StartCheck;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import dev.patronus.thread.FatalErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jline.utils.Signals;

/// `patronus daemon`: collects traffic in the foreground until it is told to stop.
final class DaemonCommand extends Command {
  /// Signals that are no further apart are one.
  private static final Duration SAME_SIGNAL = Duration.ofMillis(500);

  private final Option<List<String>> sources =
      options(
          "--source",
          "URI",
          text -> text,
          Completes.NOTHING,
          "traffic source: netflow://HOST:PORT (NetFlow v5, v9, IPFIX), sflow://HOST:PORT"
              + " (sFlow v5), pcap:FILE, pcap:FILE?time=capture (into the history of its own time),"
              + " pcap:-, conntrack:; may be repeated");
  private final Option<List<String>> allowExporters =
      options(
          "--allow-exporter",
          "CIDR",
          text -> text,
          Completes.EXPORTER,
          "accept flow export only from these addresses; may be repeated");
  private final Option<String> snapshotEvery =
      option(
          "--snapshot-every",
          "TIME",
          text -> text,
          Completes.DURATION,
          "interval between snapshots of the counters (default: 60s)");
  private final Option<String> flowTimeout =
      option(
          "--flow-timeout",
          "TIME",
          text -> text,
          Completes.DURATION,
          "how long a flow without packets counts as active (default: 300s)");
  private final Option<String> stateDir =
      option(
          "--state-dir",
          "DIR",
          text -> text,
          Completes.FILE,
          "folder for saved counters and templates (default: /var/lib/patronus, else"
              + " next to the database)");
  private final Option<String> metricsListen =
      option(
          "--metrics-listen",
          "HOST:PORT",
          text -> text,
          "address of the Prometheus metrics page, or off (default: 127.0.0.1:9469)");
  private final Option<Boolean> countTunnels =
      flag("--count-tunnels", "count the platform's own tunnels too");
  private final Option<Boolean> countReplies =
      flag("--count-replies", "count replies for the policy of the original flow");
  private final Option<String> retention =
      option(
          "--retention",
          "TIERS",
          text -> text,
          "how long raw rows of traffic are kept (90d), or raw rows and roll-ups by 5"
              + " minutes, hours and days, or off to keep all (default: '"
              + Retention.DEFAULT.text()
              + "')");
  private final Option<Boolean> checkOnly =
      flag(
          "--check",
          "check configuration, database, folders, addresses and captures without"
              + " starting, and say what was understood of the alerts; works while a daemon runs");

  private final Option<Boolean> dryRun =
      flag(
          "--dry-run",
          "count without writing to the database or state files, and print the totals"
              + " at the end; 'patronus status --socket FILE' shows it meanwhile");

  DaemonCommand() {
    super(
        "Counts the traffic of each routing policy and saves a snapshot to the"
            + " database every minute. After a restart or crash, counters continue from"
            + " their last saved values.",
        "TERM and INT stop the daemon after a final snapshot; a second signal stops"
            + " it immediately. HUP reloads the policies and the configuration: sources are"
            + " added and removed, and all other settings take effect except db, socket,"
            + " state-dir and flow-timeout, which require a restart. Counters are kept. If"
            + " the new configuration is invalid, the previous one is kept. USR1 writes the"
            + " counters to the log.",
        "Options of netflow:// and sflow:// follow a question mark and are joined by &. receivers=N"
            + " (1 to 16, default 1) receives with N threads, among which the kernel distributes"
            + " exporters by address and port: for several exporters that send more than one processor"
            + " can read. The receivers share receive-buffer=BYTES (default 33554432). In 'status' and"
            + " metrics each is a source; the second of netflow://0.0.0.0:2055 is"
            + " netflow://0.0.0.0:2055#2. Templates, sampling rates and running totals go with an"
            + " exporter that arrives at another receiver. Sockets of a .socket unit need"
            + " ReusePort=yes and as many ListenDatagram= as there are receivers.",
        "The position in a capture file is kept: a second run with pcap:FILE counts only what was"
            + " added to the file since; a copy under another name is counted from its beginning."
            + " pcap:- and named pipes are always counted.",
        "With ?time=capture a capture counts into the history of its own time, once it was read"
            + " whole: its minutes get rows and roll-ups, and later rows and the counters show as"
            + " much more. A long one is counted in short transactions; after a crash the next run"
            + " goes on behind the last one. It counts once, under any name and compressed or not; of one that"
            + " has grown, what is new. It is refused where its time has traffic that live sources,"
            + " or another capture, counted. An earlier 'export --since-last' has the rows as they"
            + " were.",
        "Files of nfcapd have flows and no packets: 'nfreplay -r FILE -H 127.0.0.1 -p 2055' sends"
            + " them to a daemon with --source netflow://127.0.0.1:2055, which counts them now."
            + " 'nfdump -r FILE -I' shows the totals to compare.");
    example(
        "daemon --source netflow://127.0.0.1:2055",
        "collect NetFlow v5, v9 or IPFIX from an exporter on this machine");
    example(
        "daemon --source 'netflow://0.0.0.0:2055?receivers=2'",
        "receive from many exporters with two threads");
    example(
        "daemon --source conntrack:", "use the kernel's connection tracking; needs no exporter");
    example(
        "daemon --source pcap:capture.pcap",
        "add a capture file to the counters and history in the database, then exit");
    example(
        "daemon --source 'pcap:capture.pcap?time=capture'",
        "count a capture into the history of the time that it was captured in");
    example(
        "daemon --dry-run --source pcap:capture.pcap",
        "show what the policies would match in a capture, without saving");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    boolean journal = writesToJournal(call.session().env());
    Log log = new Log(call.session().err(), journal, call.verbose(), call.session().clock());
    try {
      return run(call, log);
    } catch (UserError e) {
      if (!journal) {
        throw e;
      }
      log.error(e.getMessage()); // with its level, by which the journal is searched
      return new Answer().exit(e.exitCode());
    } finally {
      log.flush();
    }
  }

  /// Whether stderr is the journal's (systemd.exec(5), `JOURNAL_STREAM`).
  private static boolean writesToJournal(Map<String, String> env) {
    try {
      Path stderr = Path.of("/proc/self/fd/2");
      Object device = Files.getAttribute(stderr, "unix:dev");
      Object inode = Files.getAttribute(stderr, "unix:ino");
      return (device + ":" + inode).equals(env.get("JOURNAL_STREAM"));
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  private Answer run(Invocation call, Log log) throws IOException {
    if (dryRun.get()) {
      log.takeOver();
      return new Answer().exit(DaemonRehearsal.run(call, place -> rehearse(call, log, place)));
    }
    DaemonSettings settings = strict(call);
    List<UnknownKey> harmless = UnknownKey.in(call.settings());
    if (checkOnly.get()) {
      harmless.forEach(key -> call.warn(key.text()));
      call.settings().hubNotSentTo().ifPresent(call::warn);
      settings.doubleCounting().ifPresent(call::warn);
      StartCheck check = StartCheck.of(settings);
      check.warnings().forEach(call::warn);
      return checked(check, settings);
    }
    log.takeOver();
    harmless.forEach(key -> log.warn(key.text()));
    call.settings().hubNotSentTo().ifPresent(log::warn);
    FatalErrors.endTheProcess(message -> {
      log.error(message);
      log.flush();
    });
    endOnSignalWhileStarting(log);
    try {
      Daemon daemon =
          Daemon.build(
              settings,
              () -> strict(call.readAgain()),
              call.session().env(),
              Version.TEXT,
              log,
              call.session().clock());
      listen(daemon, log);
      return new Answer().exit(daemon.run());
    } catch (Error e) {
      FatalErrors.report(e); // what follows here would take it for that of an answer
      throw e;
    }
  }

  private static Answer checked(StartCheck check, DaemonSettings settings) {
    if (check.problems().isEmpty()) {
      Answer answer = new Answer().report().outcome(true, check.summary());
      return UnderstoodAlerts.add(settings.alerts(), answer);
    }
    throw new UserError(
        ExitCode.FAILED, "the daemon cannot start: " + String.join("; ", check.problems()));
  }

  private ExitCode rehearse(Invocation call, Log log, DaemonRehearsal.Place place) {
    log.info(
        "a rehearsal: nothing is saved; see 'patronus status --socket " + place.socket() + "'");
    Supplier<DaemonSettings> settings =
        () ->
            DaemonSettings.read(
                    typed(Optional.of(place.folder().toString()), Optional.of("off")),
                    call.readAgain().settings(),
                    place.database(),
                    place.socket())
                .withoutAlerts();
    Daemon daemon =
        Daemon.build(settings.get(), settings, Map.of(), Version.TEXT, log, call.session().clock());
    listen(daemon, log);
    return daemon.run();
  }

  /// The settings of a file without a mistake: what nothing reads was meant to say something. A
  /// variable that only has our prefix may be the platform's; one that is nearly ours is a mistake.
  private DaemonSettings strict(Invocation call) {
    UnknownKey.in(call.settings()).stream()
        .filter(UnknownKey::mistake)
        .findFirst()
        .ifPresent(key -> {
          throw new UserError(ExitCode.USAGE, key.text());
        });
    return read(call);
  }

  private DaemonSettings read(Invocation call) {
    return DaemonSettings.read(typed(), call.settings(), call.databaseFile(), call.socketFile());
  }

  /// TERM and INT before there is anything to save, such as while it waits for a locked database.
  private static void endOnSignalWhileStarting(Log log) {
    Runnable end =
        () -> {
          log.info("stopped before it was ready");
          log.flush();
          Runtime.getRuntime().exit(ExitCode.DONE.code());
        };
    Signals.register("TERM", end);
    Signals.register("INT", end);
  }

  /// TERM and INT stop it, the second one at once; HUP reloads, USR1 reports (signal(7)). Some send
  /// one twice in a row: timeout(1) to the program and then to its process group.
  private static void listen(Daemon daemon, Log log) {
    AtomicReference<Long> asked = new AtomicReference<>();
    Runnable stop =
        () -> {
          long now = System.nanoTime();
          Long before = asked.compareAndExchange(null, now);
          if (before == null) {
            daemon.stop();
          } else if (now - before > SAME_SIGNAL.toNanos()) {
            Runtime.getRuntime().halt(ExitCode.FAILED.code());
          }
        };
    Signals.register("TERM", stop);
    Signals.register("INT", stop);
    Signals.register("HUP", daemon::reload);
    Signals.register(
        "USR1",
        () -> {
          try {
            daemon.report();
          } catch (RuntimeException e) {
            log.error("cannot report the counters: " + e);
          }
        });
  }

  private DaemonSettings.Typed typed() {
    return typed(stateDir.find(), metricsListen.find());
  }

  private DaemonSettings.Typed typed(Optional<String> state, Optional<String> metrics) {
    return new DaemonSettings.Typed(
        sources.or(List.of()),
        allowExporters.or(List.of()),
        snapshotEvery.find(),
        flowTimeout.find(),
        state,
        metrics,
        countTunnels.get(),
        countReplies.get(),
        retention.find());
  }
}
