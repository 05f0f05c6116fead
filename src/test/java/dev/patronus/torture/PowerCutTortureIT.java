package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.torture.PowerCut.Names;
import dev.patronus.torture.Recording.Event;
import dev.patronus.torture.Recording.Note;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Power cuts at random moments: what a program wrote is recorded, and played again up to there,
/// onto a disk that has lost what was not synced.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PowerCutTortureIT {
  private static final String DONE = "done";

  @TempDir private Path place;

  @ParameterizedTest
  @MethodSource("dev.patronus.torture.Subject#names")
  void what_a_command_acknowledged_is_there_whole_after_a_power_cut(String name) throws Exception {
    Torture torture = Torture.of("PowerCutTortureIT", name);
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    Subject subject = Subject.of(name, folder);
    subject.prepare();
    subject.learn(false);
    Recording recording = shim.record();
    Program program = subject.program();
    ProgramOutcome outcome = shim.recorded(program).run();
    recording.note(DONE);
    assertEquals(0, outcome.exitCode(), outcome::toString);
    List<Event> events = recording.read();
    PowerCut.requireComplete(recording, events);
    subject.learn(true);
    for (Names rule : Names.values()) {
      Random random = torture.random();
      Set<Integer> moments = PowerCut.moments(events, Torture.times(6, 10), random);
      PowerCut disk = new PowerCut(recording, rule);
      boolean acknowledged = false;
      for (int at = 0; at < events.size(); at++) {
        disk.play(events.get(at));
        acknowledged |= events.get(at) instanceof Note(String text) && text.equals(DONE);
        if (moments.contains(at) || at == events.size() - 1) {
          PowerCut.restore(folder, disk.cut(random));
          String when =
              "%s, cut behind event %d of %d, names durable %s, %s (%s)"
                  .formatted(
                      subject,
                      at,
                      events.size(),
                      rule,
                      acknowledged ? "acknowledged" : "not acknowledged",
                      torture);
          checkAndRepeat(shim, subject, acknowledged, when);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wal", "delete"})
  void a_daemon_has_its_snapshots_after_a_power_cut_and_never_more_than_was_sent(String journal)
      throws Exception {
    Torture torture = Torture.of("PowerCutTortureIT", "daemon " + journal);
    Random random = torture.random();
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    Path database = Traffic.database(folder, journal);
    int port = DaemonUnderTest.freePort();
    Program program = DaemonUnderTest.program(folder, port, "--snapshot-every", "1s");
    Recording recording = shim.record();
    recording.note(Bounds.START.text());
    try (DaemonUnderTest daemon = DaemonUnderTest.start(shim.recorded(program), folder, port);
        Traffic traffic =
            new Traffic(port, random, Bounds.START, now -> recording.note(now.text()))) {
      for (int step = 0; step < Torture.amount(2, 6); step++) {
        traffic.send(10 + random.nextInt(40));
        traffic.save(daemon);
        traffic.send(10 + random.nextInt(40));
        traffic.reset(daemon);
        traffic.send(10 + random.nextInt(40));
      }
      traffic.settle(daemon);
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    List<Event> events = recording.read();
    PowerCut.requireComplete(recording, events);
    for (Names rule : Names.values()) {
      Set<Integer> moments = PowerCut.moments(events, Torture.times(4, 20), random);
      PowerCut disk = new PowerCut(recording, rule);
      Bounds bounds = Bounds.START;
      for (int at = 0; at < events.size(); at++) {
        disk.play(events.get(at));
        bounds = events.get(at) instanceof Note(String text) ? Bounds.parse(text) : bounds;
        if (moments.contains(at)) {
          PowerCut.restore(folder, disk.cut(random));
          String when =
              "%s journal, cut behind event %d of %d, names durable %s, %s (%s)"
                  .formatted(journal, at, events.size(), rule, bounds, torture);
          try (DaemonUnderTest daemon =
              DaemonUnderTest.start(shim.rebooted(program), folder, port)) {
            long found = daemon.packets();
            long resets = Traffic.resets(database);
            DatabaseRows.of(database, when);
            assertTrue(
                bounds.allow(found, resets),
                when + ": found " + found + " packets, " + resets + " resets in the trail");
          }
        }
      }
    }
  }

  private static void checkAndRepeat(Shim shim, Subject subject, boolean acknowledged, String when)
      throws Exception {
    subject.check(acknowledged, when);
    ProgramOutcome again = shim.rebooted(subject.again()).run();
    subject.check(true, when + "\nthen\n" + again);
    subject.requireNothingLeftOver(when);
  }
}
