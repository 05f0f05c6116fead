package dev.patronus.daemon;

import static java.util.Objects.requireNonNull;

import dev.patronus.config.DaemonSettings;
import dev.patronus.control.ControlClient;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.daemon.source.SourceSet;
import dev.patronus.error.UserError;
import dev.patronus.file.FileErrors;
import dev.patronus.libc.UserGroups;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.source.SourceUri;
import dev.patronus.source.conntrack.ConntrackCheck;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.store.Database;
import dev.patronus.store.table.RoutingRows;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A check of whether a daemon with these settings could start, as this user and at this moment. It
/// changes nothing and takes no lock, so it can run beside a running daemon.
///
/// Immutable.
///
/// @param summary what was checked
/// @param problems what would prevent the daemon from starting or from collecting; empty if nothing
/// @param warnings what would not, and is probably a mistake
public record StartCheck(String summary, List<String> problems, List<String> warnings) {
  public StartCheck {
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
  }

  /// Checks database, state folder, control socket, sources and the address of the metrics page.
  ///
  /// @throws UserError if the database is not usable, or the options of a source are invalid
  public static StartCheck of(DaemonSettings settings) {
    return new Walk(settings).check();
  }

  private static final class Walk {
    private final DaemonSettings settings;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private Optional<StatusAnswer> running = Optional.empty();

    Walk(DaemonSettings settings) {
      this.settings = settings;
    }

    StartCheck check() {
      SourceSet.check(settings);
      database();
      stateDir();
      socket();
      settings.sources().forEach(this::source);
      settings.metricsListen().ifPresent(this::metricsPage);
      problems.addAll(settings.alerts().problems());
      warnings.addAll(settings.alerts().doubtfulUnits());
      settings
          .roles()
          .unknownGroups(UserGroups::id)
          .forEach(group -> problems.add("roles: there is no group '" + group + "'"));
      String checked =
          "database, state folder, control socket, "
              + settings.sources().size()
              + (settings.sources().size() == 1 ? " source" : " sources")
              + (settings.metricsListen().isPresent() ? " and the metrics page's address" : "");
      return new StartCheck(
          "everything is in place for the daemon to start ("
              + checked
              + (running.isPresent()
                  ? "), and process " + running.get().instance().pid() + " is running"
                  : ")"),
          problems,
          warnings);
    }

    private void database() {
      Path file = settings.database();
      try (Database database = Database.openReadOnly(file)) {
        List<Policy> policies = RoutingRows.read(database).policies();
        warnings.addAll(
            settings
                .alerts()
                .withoutPolicy(
                    text -> policies.stream().anyMatch(policy -> isNamed(policy, text))));
      }
      if (!Files.isWritable(file) || !Files.isWritable(file.toAbsolutePath().getParent())) {
        problems.add("this user may not write " + file + " and its folder");
      }
    }

    private static boolean isNamed(Policy policy, String text) {
      return policy.name().equals(text) || PolicyId.format(policy.id()).equals(text);
    }

    private void stateDir() {
      Path folder = settings.stateDir().toAbsolutePath();
      while (Files.notExists(folder) && folder.getParent() != null) {
        folder = folder.getParent(); // it would be created
      }
      if (!Files.isDirectory(folder)) {
        problems.add("state-dir: " + folder + " is no folder");
      } else if (!Files.isWritable(folder)) {
        problems.add("state-dir: this user may not write into " + folder);
      }
    }

    private void socket() {
      Path path = settings.socket().toAbsolutePath();
      try {
        ControlServer.require(path);
      } catch (UserError e) {
        problems.add("socket: " + e.getMessage());
        return;
      } catch (IOException e) {
        problems.add("socket: " + path + ": " + FileErrors.namedReason(e));
        return;
      }
      Path folder = requireNonNull(path.getParent());
      if (!Files.isDirectory(folder)) {
        problems.add("socket: there is no folder " + folder);
      } else if (!Files.isWritable(folder)) {
        problems.add("socket: this user may not write into " + folder);
      } else if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        existing(path);
      }
    }

    private void existing(Path path) {
      try {
        running = ask(path);
        running
            .filter(status -> !isOurs(status))
            .ifPresent(status ->
                problems.add(
                    "socket: the daemon of "
                        + status.instance().database()
                        + " answers at "
                        + path
                        + "; name another place with socket"));
      } catch (IOException | UserError e) {
        problems.add("socket: the program that listens at " + path + " does not answer");
      }
    }

    private static Optional<StatusAnswer> ask(Path path) throws IOException {
      Optional<ControlClient> client = ControlClient.connect(path);
      if (client.isEmpty()) {
        return Optional.empty();
      }
      try (ControlClient connected = client.get()) {
        return connected.ask(new Request.Status()) instanceof Reply.Document document
            ? Optional.of(document.read(StatusAnswer::read))
            : Optional.empty();
      }
    }

    private boolean isOurs(StatusAnswer status) {
      try {
        return Files.isSameFile(Path.of(status.instance().database()), settings.database());
      } catch (IOException _) {
        return false;
      }
    }

    private void source(SourceUri source) {
      switch (source) {
        case SourceUri.Udp udp -> udp(udp);
        case SourceUri.Pcap pcap -> capture(pcap);
        case SourceUri.Conntrack _ ->
            ConntrackCheck.run()
                .firstProblem()
                .ifPresent(why -> problems.add("source conntrack: " + why));
      }
    }

    private void udp(SourceUri.Udp source) {
      if (heldByRunning(source.port())) {
        return;
      }
      try {
        DatagramSource.checkAddress(source);
      } catch (IOException e) {
        problems.add("source " + source.text() + ": " + FileErrors.namedReason(e));
      }
    }

    /// Whether the running daemon receives on this port; a reload releases the port before a
    /// replacing source binds it.
    private boolean heldByRunning(int port) {
      return running.isPresent()
          && running.get().sources().stream()
              .anyMatch(each -> each.isFlowExport() && each.source().endsWith(":" + port));
    }

    private void capture(SourceUri.Pcap source) {
      if (source.isStandardInput()) {
        return;
      }
      Path file = Path.of(source.file());
      try {
        if (Files.readAttributes(file, BasicFileAttributes.class).isDirectory()) {
          problems.add("source " + source.text() + ": is a folder");
        } else if (!Files.isReadable(file)) {
          problems.add("source " + source.text() + ": this user may not read it");
        }
      } catch (IOException e) {
        problems.add("source " + source.text() + ": " + FileErrors.namedReason(e));
      }
    }

    private void metricsPage(InetSocketAddress address) {
      String shown = address.getAddress().getHostAddress() + " " + address.getPort();
      if (running.flatMap(StatusAnswer::metricsListen).filter(shown::equals).isPresent()) {
        return;
      }
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(address);
      } catch (IOException e) {
        problems.add(
            "metrics-listen "
                + address.getHostString()
                + ":"
                + address.getPort()
                + ": "
                + FileErrors.namedReason(e));
      }
    }
  }
}
