package dev.patronus.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.error.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private static final Prompt PROMPT = new Prompt("sdwan.db", Prompt.Presence.NO_DAEMON);

  /// When Ctrl-C is pressed, once one command has ended.
  private enum Pressed {
    BEFORE_THE_PROMPT,
    BEHIND_THE_LINE
  }

  /// What each command was, and whether it was interrupted when it began.
  private static List<String> run(String typed, Pressed pressed) throws IOException {
    List<String> began = new ArrayList<>();
    PipedOutputStream keys = new PipedOutputStream();
    PipedInputStream input = new PipedInputStream(keys);
    keys.write((typed + "exit\n").getBytes(StandardCharsets.UTF_8)); // and stays open
    try (Terminal terminal =
        TerminalBuilder.builder()
            .system(false)
            .type("dumb")
            .streams(input, new ByteArrayOutputStream())
            .build()) {
      Commands commands =
          new Commands() {
            @Override
            public ExitCode run(TypedLine line) {
              String how = Thread.currentThread().isInterrupted() ? " interrupted" : "";
              began.add(String.join(" ", line.words()) + how);
              return ExitCode.DONE;
            }

            @Override
            public void say(String message) {
              throw new AssertionError(message);
            }

            @Override
            public void resize(int columns, int lines) { // comes between a line and its command
              if (began.size() == 1 && pressed == Pressed.BEHIND_THE_LINE) {
                terminal.raise(Signal.INT);
              }
            }

            @Override
            public List<Suggestion> suggestions(List<String> words) {
              return List.of();
            }

            @Override
            public Meaning meaning(List<String> before, String word) {
              return Meaning.COMMAND;
            }

            @Override
            public String hint(List<String> words) {
              return "";
            }

            @Override
            public boolean begins(List<String> before, String word) {
              return false;
            }

            @Override
            public int skipOne(String text, int at) {
              return at + 1;
            }
          };
      Supplier<Prompt> prompt =
          () -> {
            if (began.size() == 1 && pressed == Pressed.BEFORE_THE_PROMPT) {
              terminal.raise(Signal.INT);
            }
            return PROMPT;
          };
      new Console(terminal, commands, prompt, HistoryFile.none(), Duration.ZERO, false).run();
    }
    return began;
  }

  @Test
  void ctrl_c_between_a_line_and_its_command_interrupts_that_command_alone() throws IOException {
    assertEquals(
        List.of("first", "second interrupted", "third"),
        run("first\nsecond\nthird\n", Pressed.BEHIND_THE_LINE));
  }

  @Test
  void ctrl_c_between_a_command_and_the_next_prompt_interrupts_nothing() throws IOException {
    assertEquals(List.of("first", "second"), run("first\nsecond\n", Pressed.BEFORE_THE_PROMPT));
  }
}
