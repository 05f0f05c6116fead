package dev.patronus.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A real systemd as process 1 of namespaces of its own, with the packaged program in `/opt` and
/// the shipped unit in its search path: what it mounts, starts and kills stays in there.
///
/// Needs root, unshare(1) and systemd's own program. Who opens it closes it; that ends all of it.
public final class SystemdContainer implements AutoCloseable {
  private static final Path SYSTEMD = Path.of("/lib/systemd/systemd");
  private static final int TRIES = 600;

  /// What systemd's own tree needs of ours, laid over a copy so that the machine keeps its own.
  private static final String INSIDE =
      """
      set -eu
      here=$1 home=$2
      mount --make-rprivate /
      mount -t proc proc /proc
      mkdir "$here/layer"
      mount -t tmpfs tmpfs "$here/layer"
      mkdir "$here/layer/etc" "$here/layer/work"
      mount -t overlay overlay -o "lowerdir=/etc,upperdir=$here/layer/etc,workdir=$here/layer/work" /etc
      echo 'patronus:x:990:990::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
      echo 'patronus:x:990:' >>/etc/group
      mkdir -p /etc/patronus
      mount -t tmpfs tmpfs /opt
      mkdir /opt/patronus
      mount --bind "$home" /opt/patronus
      mount -t tmpfs tmpfs /run
      mkdir /run/lock
      mount -t tmpfs tmpfs /var/lib
      mount -t tmpfs tmpfs /var/log
      mount -t cgroup2 cgroup2 /sys/fs/cgroup
      ip link set lo up
      for unit in basic.target sysinit.target shutdown.target local-fs.target sockets.target \\
        timers.target paths.target slices.target umount.target network.target time-sync.target \\
        system.slice systemd-journald.service systemd-journald.socket \\
        systemd-journald-dev-log.socket; do
        [ ! -e "/lib/systemd/system/$unit" ] || cp "/lib/systemd/system/$unit" "$here/units/"
      done
      printf '[Unit]\\nDescription=tests\\n' >"$here/units/tests.target"
      export SYSTEMD_UNIT_PATH="$here/units" container=tests
      exec /lib/systemd/systemd --system --unit=tests.target --log-target=null --show-status=0
      """;

  private final RunningProgram outer;
  private final long first;

  private SystemdContainer(RunningProgram outer, long first) {
    this.outer = outer;
    this.first = first;
  }

  /// Starts it; empty where this machine cannot.
  ///
  /// @param folder an empty one
  public static Optional<SystemdContainer> open(Path folder)
      throws IOException, InterruptedException {
    if (!Files.isExecutable(SYSTEMD) || !Program.isInstalled("unshare")) {
      return Optional.empty();
    }
    Path units = Files.createDirectory(folder.resolve("units"));
    Files.copy(
        Program.home().resolve("systemd/patronus.service"), units.resolve("patronus.service"));
    Path script = Files.writeString(folder.resolve("inside"), INSIDE);
    String[] words =
        ("--pid --fork --kill-child --mount --net --uts --ipc --cgroup sh " + script)
            .split(" ", -1);
    List<Object> arguments = new ArrayList<>(List.of((Object[]) words));
    arguments.addAll(List.of(folder, Program.home()));
    RunningProgram outer = Program.of("unshare", arguments.toArray()).start();
    Optional<SystemdContainer> house = awaitFirst(outer);
    if (house.isEmpty()) {
      outer.close();
    }
    return house;
  }

  private static Optional<SystemdContainer> awaitFirst(RunningProgram outer)
      throws InterruptedException {
    for (int i = 0; i < TRIES && outer.isAlive(); i++) {
      Optional<ProcessHandle> child =
          ProcessHandle.of(outer.pid()).flatMap(unshare -> unshare.children().findFirst());
      if (child.isPresent()) {
        SystemdContainer house = new SystemdContainer(outer, child.get().pid());
        if (house.run("systemctl", "is-active", "tests.target").exitCode() == 0) {
          return Optional.of(house);
        }
      }
      Thread.sleep(100);
    }
    return Optional.empty();
  }

  /// Runs a program in there.
  public ProgramOutcome run(Object... words) {
    List<Object> all =
        new ArrayList<>(List.of("-t", first, "-m", "-p", "-n", "-u", "-i", "-C", "--"));
    all.addAll(List.of(words));
    return Program.of("nsenter", all.toArray()).run();
  }

  /// Runs a line of the shell in there, and gives what it printed.
  ///
  /// @throws IllegalStateException if it failed
  public String sh(String line) {
    ProgramOutcome outcome = run("sh", "-c", line);
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.toString());
    }
    return outcome.stdout();
  }

  @Override
  public void close() {
    outer.close(); // and with it, by --kill-child, process 1 and all that it has started
  }
}
