package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.WatchOptions;
import dev.patronus.cli.terminal.Terminal;
import dev.patronus.cli.terminal.WindowSize;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.text.Screen;
import dev.patronus.output.text.SingleLineJson;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The repeated answer of a command: on a terminal redrawn in place, elsewhere appended, as text,
/// rows, or one JSON document per line.
///
/// Confined to one thread; interrupting that ends it.
final class AnswerWatch {
  /// What the command answers now.
  @FunctionalInterface
  interface Reading {
    Answer answer(Invocation now) throws IOException;
  }

  private final Invocation call;
  private final Reading reading;
  private final Frame frame;
  private final boolean redrawn;
  private Answer last = new Answer();
  private Invocation lastCall;
  private boolean begun;

  private AnswerWatch(Invocation call, Reading reading) {
    this.call = call;
    this.reading = reading;
    this.lastCall = call;
    frame = new Frame(call);
    redrawn = call.format() == Format.TABLE && call.terminal().out() && call.canMoveCursor();
  }

  /// Answers repeatedly until the user ends it or the number of readings is reached.
  ///
  /// @return an answer without content, with the exit code of the last reading
  static Answer run(Invocation call, WatchOptions options, Reading reading) throws IOException {
    AnswerWatch watch = new AnswerWatch(call, reading);
    try {
      new WatchLoop(call, options.interval(), options.readingsMax())
          .run(watch.redrawn, watch.body());
    } finally {
      watch.frame.leave();
    }
    boolean _ = Thread.interrupted(); // it ended the watch
    if (watch.redrawn) {
      watch.print(Format.TABLE, call.screen()); // the last answer stays on the screen
    }
    return new Answer().exit(watch.last.exitCode());
  }

  private WatchLoop.Body body() {
    return new WatchLoop.Body() {
      @Override
      public void read() throws IOException {
        Invocation now = call.on(call.session());
        Answer answer = now.shown(reading.answer(now));
        if (!Thread.currentThread().isInterrupted()) {
          last = answer;
          lastCall = now;
          show();
        }
      }

      @Override
      public void resized() throws IOException {
        WindowSize.ask().ifPresent(size -> call.session().resize(size.columns(), size.lines()));
        show();
      }
    };
  }

  private void show() throws IOException {
    if (redrawn) {
      draw();
      return;
    }
    call.stream();
    Screen screen = call.screen();
    switch (call.format()) {
      case JSON -> {
        SingleLineJson line = new SingleLineJson(new BufferedOutputStream(call.out()));
        last.member("time", lastCall.now());
        new AnswerPrinter(Format.JSON, screen, false).print(last, line);
        line.end();
      }
      case TABLE -> {
        String heading = (begun ? "\n" : "") + time() + "\n";
        call.out().write(heading.getBytes(StandardCharsets.UTF_8));
        print(Format.TABLE, screen);
      }
      case CSV, NDJSON -> print(call.format(), begun ? withoutHeaders(screen) : screen);
    }
    call.out().flush();
    begun = true;
  }

  private void print(Format format, Screen screen) throws IOException {
    new AnswerPrinter(format, screen, call.spreadsheetSafe()).print(last, call.out());
  }

  private static Screen withoutHeaders(Screen screen) {
    return new Screen(
        screen.columns(),
        screen.colour(),
        screen.unicode(),
        screen.zone(),
        screen.rawNumbers(),
        false);
  }

  private void draw() throws IOException {
    Terminal window = call.terminal();
    Screen screen = call.screen();
    List<String> lines = new ArrayList<>(List.of(time(), ""));
    new AnswerPrinter(Format.TABLE, screen, false).text(last).lines().forEach(lines::add);
    int more = lines.size() - window.lines();
    if (more > 0 && window.lines() > 1) {
      lines = lines.subList(0, window.lines() - 1);
      lines.add("(" + (more + 1) + " more lines)");
    }
    frame.draw(lines, window.columns(), window.lines());
  }

  private String time() {
    return call.screen().humane().time(lastCall.now());
  }
}
