package dev.patronus.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A real systemd as process 1 of namespaces of its own: what it mounts, starts, installs and kills
/// stays in there.
///
/// Either with the packaged program in `/opt` and the shipped unit in its search path, or bare: a
/// machine with this one's programs, where dpkg(1) can install and remove packages, and where
/// systemd knows no units but the basic ones.
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
      over() {
        mkdir -p "$here/layer/new$1" "$here/layer/work$1"
        mount -t overlay overlay \\
          -o "lowerdir=$1,upperdir=$here/layer/new$1,workdir=$here/layer/work$1" "$1"
      }
      over /etc
      for unit in basic.target sysinit.target shutdown.target local-fs.target sockets.target \\
        timers.target paths.target slices.target umount.target network.target time-sync.target \\
        system.slice systemd-journald.service systemd-journald.socket \\
        systemd-journald-dev-log.socket; do
        [ ! -e "/lib/systemd/system/$unit" ] || cp "/lib/systemd/system/$unit" "$here/units/"
      done
      printf '[Unit]\\nDescription=tests\\n' >"$here/units/tests.target"
      if [ -n "$home" ]; then
        echo 'patronus:x:990:990::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
        echo 'patronus:x:990:' >>/etc/group
        mkdir -p /etc/patronus
        mount -t tmpfs tmpfs /opt
        mkdir /opt/patronus
        mount --bind "$home" /opt/patronus
        mount -t tmpfs tmpfs /var/lib
        export SYSTEMD_UNIT_PATH="$here/units"
      else
        over /usr
        over /var
        rm -f /usr/sbin/policy-rc.d # images of containers forbid services with it
        mount -t tmpfs tmpfs /etc/systemd/system
        mount -t tmpfs tmpfs /lib/systemd/system
        cp "$here"/units/* /lib/systemd/system/
      fi
      mount -t tmpfs tmpfs /run
      mkdir /run/lock
      mount -t tmpfs tmpfs /var/log
      mount -t cgroup2 cgroup2 /sys/fs/cgroup
      ip link set lo up
      export container=tests
      exec /lib/systemd/systemd --system --unit=tests.target --log-target=null --show-status=0
      """;

  private final RunningProgram outer;
  private final long first;

  private SystemdContainer(RunningProgram outer, long first) {
    this.outer = outer;
    this.first = first;
  }

  /// Starts it with the packaged program in `/opt`; empty where this machine cannot.
  ///
  /// @param folder an empty one
  public static Optional<SystemdContainer> open(Path folder)
      throws IOException, InterruptedException {
    Path units = Files.createDirectory(folder.resolve("units"));
    Files.copy(
        Program.home().resolve("systemd/patronus.service"), units.resolve("patronus.service"));
    return start(folder, Program.home().toString());
  }

  /// Starts it without the program; empty where this machine cannot.
  ///
  /// @param folder an empty one
  public static Optional<SystemdContainer> openBare(Path folder)
      throws IOException, InterruptedException {
    Files.createDirectory(folder.resolve("units"));
    return start(folder, "");
  }

  private static Optional<SystemdContainer> start(Path folder, String home)
      throws IOException, InterruptedException {
    if (!Files.isExecutable(SYSTEMD) || !Program.isInstalled("unshare")) {
      return Optional.empty();
    }
    Path script = Files.writeString(folder.resolve("inside"), INSIDE);
    String[] words =
        ("--pid --fork --kill-child --mount --net --uts --ipc --cgroup sh " + script)
            .split(" ", -1);
    List<Object> arguments = new ArrayList<>(List.of((Object[]) words));
    arguments.addAll(List.of(folder, home));
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
    return program(words).run();
  }

  /// A program that will run in there.
  public Program program(Object... words) {
    List<Object> all =
        new ArrayList<>(List.of("-t", first, "-m", "-p", "-n", "-u", "-i", "-C", "--"));
    all.addAll(List.of(words));
    return Program.of("nsenter", all.toArray());
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
