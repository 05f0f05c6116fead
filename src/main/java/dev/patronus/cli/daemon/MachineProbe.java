package dev.patronus.cli.daemon;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.UnknownKey;
import dev.patronus.config.DaemonSettings;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.doctor.DoubleCounting;
import dev.patronus.doctor.Finding;
import dev.patronus.doctor.Finding.Step;
import dev.patronus.doctor.MachineFacts;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileStatus;
import dev.patronus.flow.IpAddress;
import dev.patronus.libc.UserGroups;
import dev.patronus.policy.PolicyFinding;
import dev.patronus.store.Database;
import dev.patronus.store.DatabaseOpener;
import dev.patronus.store.maintenance.FileSystem;
import dev.patronus.store.maintenance.HistoryGrowth;
import dev.patronus.store.retention.Pruning;
import dev.patronus.store.rollup.RawGap;
import dev.patronus.store.table.PolicyTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Looks at the machine for the `doctor`: database, disk, and datagrams that nobody takes.
final class MachineProbe {
  private static final Duration WATCHED = Duration.ofSeconds(2);

  /// How many policies with the same fault are findings of their own.
  private static final int EACH_MOST = 20;

  private final Invocation call;

  MachineProbe(Invocation call) {
    this.call = call;
  }

  /// The facts; takes two seconds only where a source hears nothing.
  MachineFacts look(Optional<StatusAnswer> status) {
    List<Finding> troubles = new ArrayList<>();
    boolean usable = ask(() -> call.database().schema(), troubles).isPresent();
    if (usable) {
      troubles.addAll(writing());
      troubles.addAll(sharedDisk());
      ask(this::fromFuture, troubles).ifPresent(troubles::addAll);
      troubles.addAll(otherDatabases());
      ask(() -> RawGap.find(call.database()), troubles)
          .flatMap(found -> found)
          .ifPresent(
              gap -> troubles.add(Finding.note(Step.DATABASE, "raw_rows_gone", gap.text(), "")));
    }
    troubles.addAll(unknownGroups());
    troubles.addAll(unknownSettings());
    return new MachineFacts(
        Runtime.getRuntime().availableProcessors(),
        call.databaseFile().toString(),
        troubles,
        usable,
        diskFree(call.databaseFile()),
        usable && !isLimited() ? ask(this::bytesPerDay, troubles).orElse(0L) : 0,
        usable ? ask(() -> policies(call.database()), troubles).orElse(List.of()) : List.of(),
        status.filter(MachineProbe::hearsNothing).map(_ -> strayDatagrams()).orElse(0L),
        status.map(MachineProbe::conntrack).orElse(List.of()));
  }

  /// What the database answers; a refusal becomes a finding, once.
  private static <T> Optional<T> ask(Supplier<T> question, List<Finding> troubles) {
    try {
      return Optional.of(question.get());
    } catch (UserError e) {
      Finding refusal =
          refusal("database_unusable", e.getMessage(), "'patronus db check' says more");
      if (!troubles.contains(refusal)) {
        troubles.add(refusal);
      }
      return Optional.empty();
    }
  }

  /// A refusal with the step that it names itself.
  private static Finding refusal(String fault, String refusal, String next) {
    int end = refusal.indexOf("; ");
    return end < 0
        ? Finding.failed(Step.DATABASE, fault, refusal, next)
        : Finding.failed(
            Step.DATABASE, fault, refusal.substring(0, end), refusal.substring(end + 2));
  }

  /// Why the database cannot be written now; nothing if it can.
  private List<Finding> writing() {
    if (isReadersOnly(call.databaseFile())) {
      return List.of(
          Finding.note(
              Step.DATABASE,
              "writing_not_checked",
              "this user may only read it; whether the daemon can write it was not checked",
              ""));
    }
    try {
      call.writableDatabase().probeLock();
      return List.of();
    } catch (UserError e) {
      String message = e.getMessage();
      return List.of(
          e.exitCode() == ExitCode.BUSY
              ? Finding.failed(
                  Step.DATABASE,
                  "database_locked",
                  message.replaceFirst("; try again$", ""),
                  "find the program that holds it with 'fuser -v "
                      + call.databaseFile()
                      + "'; the daemon keeps counting and saves later")
              : refusal(
                  message.contains(" is full (") ? "disk_full" : "database_not_writable",
                  message,
                  "the daemon keeps counting"));
    }
  }

  /// Whether the database is another user's, who lets this one only read it.
  private static boolean isReadersOnly(Path file) {
    boolean ours = FileStatus.of(file).map(AtomicFile::isOurs).orElse(true);
    return !ours && Files.isReadable(file) && !Files.isWritable(file);
  }

  /// Keys of the configuration file and variables of the environment that nothing reads.
  private List<Finding> unknownSettings() {
    return UnknownKey.in(call.settings()).stream()
        .map(key -> Finding.note(Step.DATABASE, "unknown_setting", key.text(), key.next()))
        .toList();
  }

  /// Groups of the setting `roles` that this machine does not have.
  private List<Finding> unknownGroups() {
    return call.settings().withRolesFor(call.databaseFile()).stream()
        .flatMap(each -> DaemonSettings.roles(each).unknownGroups(UserGroups::id).stream())
        .map(group ->
            Finding.warning(
                Step.DATABASE,
                "unknown_group",
                "roles: there is no group '" + group + "', so nobody has its role",
                "create the group, or correct the setting roles"))
        .toList();
  }

  private List<Finding> sharedDisk() {
    return FileSystem.of(call.databaseFile())
        .filter(FileSystem::isShared)
        .map(shared ->
            List.of(
                Finding.warning(
                    Step.DATABASE, "shared_file_system", shared.problem(), FileSystem.REMEDY)))
        .orElse(List.of());
  }

  private List<Finding> fromFuture() {
    return Pruning.fromFuture(call.database(), call.now()).stream()
        .map(share ->
            Finding.failed(
                Step.DATABASE, "future_rows", share.fromFuture(), share.removeFromFuture()))
        .toList();
  }

  private List<Finding> otherDatabases() {
    return DatabaseOpener.othersThan(call.databaseFile()).stream()
        .map(other ->
            Finding.note(
                Step.DATABASE,
                "other_database",
                "there is also " + other + "; this one is " + call.databaseFile(),
                FileSystem.OTHER_DATABASE.formatted(other)))
        .toList();
  }

  private long bytesPerDay() {
    return HistoryGrowth.of(call.database(), call.now()).bytesPerDay();
  }

  /// Whether raw rows are kept for a limited time.
  private boolean isLimited() {
    return DaemonSettings.retention(call.settings()).rows().isPresent();
  }

  /// What is wrong with policies: of each fault the first ones, and how many more there are.
  private static List<Finding> policies(Database database) {
    List<PolicyFinding> all = PolicyFinding.of(new PolicyTable(database).all());
    List<Finding> findings = new ArrayList<>();
    for (PolicyFinding.Fault fault : PolicyFinding.Fault.values()) {
      List<PolicyFinding> of = all.stream().filter(each -> each.fault() == fault).toList();
      of.stream().limit(EACH_MOST).map(MachineProbe::finding).forEach(findings::add);
      if (of.size() > EACH_MOST) {
        findings.add(
            finding(
                fault,
                Counted.grouped(of.size() - EACH_MOST) + " more policies: " + EnumNames.of(fault),
                "'patronus policy check' lists all"));
      }
    }
    return findings;
  }

  private static Finding finding(PolicyFinding found) {
    return finding(
        found.fault(), "policy '" + found.policy().name() + "' " + found.message(), found.next());
  }

  /// A warning, as in `db check`: matching works for all the other policies, and a monitor can tell
  /// one wrong policy from a step that fails. `policy check`, which judges policies one by one, has
  /// errors.
  private static Finding finding(PolicyFinding.Fault fault, String message, String next) {
    return Finding.warning(Step.POLICIES, fault.name().toLowerCase(Locale.ROOT), message, next);
  }

  private static long diskFree(Path database) {
    try {
      return Files.getFileStore(database).getUsableSpace();
    } catch (IOException _) {
      return -1;
    }
  }

  private static boolean hearsNothing(StatusAnswer status) {
    return status.sources().stream()
        .anyMatch(each -> each.isFlowExport() && status.receivedAt(each.address()) == 0);
  }

  /// How many UDP datagrams come, while one looks, to ports where nobody listens (`NoPorts` of
  /// /proc/net/snmp and snmp6).
  private static long strayDatagrams() {
    try {
      long before = noPorts();
      Thread.sleep(WATCHED);
      return noPorts() - before;
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private static long noPorts() throws IOException {
    long total = 0;
    for (String line : Files.readAllLines(Path.of("/proc/net/snmp"))) {
      if (line.startsWith("Udp: ") && Character.isDigit(line.charAt(5))) {
        total += Long.parseLong(line.split(" ", -1)[2]);
      }
    }
    Path v6 = Path.of("/proc/net/snmp6");
    for (String line : Files.exists(v6) ? Files.readAllLines(v6) : List.<String>of()) {
      if (line.startsWith("Udp6NoPorts")) {
        total += Long.parseLong(line.substring("Udp6NoPorts".length()).strip());
      }
    }
    return total;
  }

  /// What the daemon says that the kernel's accounting lacks, and whether an exporter of this
  /// machine tells of the same packets.
  private static List<Finding> conntrack(StatusAnswer status) {
    List<Finding> findings = new ArrayList<>(accounting(status));
    Set<String> local = localAddresses();
    DoubleCounting.find(status, at -> at.startsWith("127.") || local.contains(at))
        .ifPresent(findings::add);
    return findings;
  }

  /// The addresses of this machine: of IPv4 those that the routing table calls local, of IPv6 those
  /// of the interfaces (proc_pid_net(5)).
  private static Set<String> localAddresses() {
    Set<String> local = new HashSet<>();
    String address = "";
    for (String line : lines("/proc/net/fib_trie")) {
      String text = line.strip();
      if (text.startsWith("|-- ")) {
        address = text.substring("|-- ".length());
      } else if (text.equals("/32 host LOCAL")) {
        local.add(address);
      }
    }
    for (String line : lines("/proc/net/if_inet6")) {
      long high = Long.parseUnsignedLong(line, 0, 16, 16);
      long low = Long.parseUnsignedLong(line, 16, 32, 16);
      local.add(IpAddress.v6(high, low).toString());
    }
    return local;
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException _) {
      return List.of(); // a kernel without it
    }
  }

  private static List<Finding> accounting(StatusAnswer status) {
    return status.conntrack().orElse(List.of()).stream()
        .map(each -> Finding.failed(Step.ARRIVING, each.fault(), each.message(), each.next()))
        .toList();
  }
}
