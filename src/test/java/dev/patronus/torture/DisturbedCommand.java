package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.ProgramOutcome;
import dev.patronus.torture.PowerCut.OnDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/// Runs a [Subject] again and again from the same beginning, each time disturbed at another of its
/// calls to the disk; then once undisturbed, which has to finish what was begun.
final class DisturbedCommand {
  private final Subject subject;
  private final Shim shim;
  private final Torture torture;
  private Map<String, OnDisk> beginning;

  DisturbedCommand(Subject subject, Shim shim, Torture torture) {
    this.subject = subject;
    this.shim = shim;
    this.torture = torture;
  }

  /// What goes wrong.
  interface Disturbance {
    /// Disturbs the command at one of its calls.
    ///
    /// @param operation the number of the call, from 0, of those that the undisturbed run makes
    void at(int operation);
  }

  /// Prepares the folder and runs the command once, undisturbed.
  void learn() throws Exception {
    PowerCut.restore(subject.folder, Map.of());
    subject.prepare();
    subject.learn(false);
    beginning = contents(subject.folder);
    ProgramOutcome outcome = subject.program().run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    subject.learn(true);
    subject.check(true, subject + ", undisturbed");
    subject.requireNothingLeftOver(subject + ", undisturbed");
  }

  private static Map<String, OnDisk> contents(Path folder) throws IOException {
    Map<String, OnDisk> contents = new LinkedHashMap<>();
    for (Path file : Recording.files(folder)) {
      long inode = (Long) Files.getAttribute(file, "unix:ino");
      contents.put(file.toString(), new OnDisk(inode, Files.readAllBytes(file)));
    }
    return contents;
  }

  /// @param what names the disturbance, for messages
  /// @param forGood whether the command can do nothing to its disk any more after it
  /// @param operations the kinds of calls that it can meet, as [Shim] has them
  void disturb(String what, boolean forGood, int times, int operations, Disturbance disturbance)
      throws Exception {
    PowerCut.restore(subject.folder, beginning);
    shim.count(operations);
    ProgramOutcome counted = shim.under(subject.program()).run();
    assertEquals(0, counted.exitCode(), counted::toString);
    int calls = shim.calls();
    assertTrue(calls > 0, subject + " makes no such calls");
    Random random = torture.random();
    for (int i = 0; i < times; i++) {
      int operation = random.nextInt(calls);
      String when =
          "%s, %s at call %d of %d (%s)".formatted(subject, what, operation, calls, torture);
      PowerCut.restore(subject.folder, beginning);
      disturbance.at(operation);
      ProgramOutcome outcome = shim.under(subject.program()).run();
      boolean hit = shim.hits() > 0;
      shim.heal();
      String told = when + "\n" + outcome;
      assertTrue(hit || outcome.exitCode() == 0, told + ": fails without a reason");
      assertFalse(outcome.stderr().contains("Exception"), told);
      subject.check(outcome.exitCode() == 0, told);
      if (outcome.stderr().contains("nothing was changed")) {
        assertTrue(subject.isAsBefore(), told + "\nbut something was changed");
      }
      ProgramOutcome again = subject.again().run();
      subject.check(true, told + "\nthen\n" + again);
      subject.requireNothingLeftOver(told);
    }
  }
}
