package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.output.text.DisplayWidth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/// Lines that fill the terminal's window and are drawn again in place.
///
/// It draws on the terminal's other screen (xterm's private mode 1049): what stood there before is
/// there again afterwards, and the lines that scroll back are spared a copy for each frame. A frame
/// is a single write: the cursor goes home, each line is written and the rest of it cleared, then
/// what is below; nothing is blank in between, so nothing flickers. The cursor is hidden, and lines
/// that are too long end at the margin instead of wrapping (mode 7). Confined to one thread.
final class Frame {
  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
  private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;]*m");

  private final Invocation call;
  private boolean entered;

  Frame(Invocation call) {
    this.call = call;
  }

  /// Draws as many of the lines as the window has room for.
  void draw(List<String> lines, int columns, int rows) throws IOException {
    StringBuilder frame = new StringBuilder(entered ? HOME : ENTER + HOME);
    entered = true;
    int count = Math.min(lines.size(), rows);
    for (int i = 0; i < count; i++) {
      frame.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append(rest(lines.get(i), columns));
    }
    if (count < rows) {
      frame.append("\r\n").append(CLEAR_BELOW);
    }
    write(frame.toString());
  }

  /// What clears the rest of a line. Behind the last column the cursor stands on it still, and
  /// clearing would take its character away.
  private static String rest(String line, int columns) {
    int width = DisplayWidth.of(COLOURS.matcher(line).replaceAll(""));
    return width < columns ? CLEAR_LINE : "";
  }

  private void write(String text) throws IOException {
    call.stream().write(text.getBytes(StandardCharsets.UTF_8));
    call.out().flush();
  }

  /// Goes back to the screen that was there before.
  void leave() throws IOException {
    if (entered) {
      entered = false;
      write(LEAVE);
    }
  }
}
