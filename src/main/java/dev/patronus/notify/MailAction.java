package dev.patronus.notify;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// Writes mail through a program with the interface of sendmail(8).
///
/// @param to one address, which does not begin with a dash
record MailAction(Path sendmail, String to) implements Action {
  /// The bytes of one encoded word (RFC 2047 §2: at most 75 characters in all).
  private static final int WORD_BYTES = 42;

  @Override
  public String name() {
    return "mail";
  }

  @Override
  public String target() {
    return to;
  }

  @Override
  public void deliver(Notice notice) throws IOException, InterruptedException {
    BoundedProcess.run(
        List.of(sendmail.toString(), "-i", "--", to),
        Map.of(),
        content(notice),
        BoundedProcess.TIMEOUT);
  }

  /// The message with its header.
  @Override
  public String content(Notice notice) {
    StringBuilder text = new StringBuilder();
    text.append("To: ").append(to).append('\n');
    text.append("Subject: ")
        .append(encoded("[" + notice.host() + "] " + notice.rule().name() + " " + notice.word()))
        .append('\n');
    text.append("Auto-Submitted: auto-generated\n");
    text.append("MIME-Version: 1.0\n");
    text.append("Content-Type: text/plain; charset=UTF-8\n");
    text.append("Content-Transfer-Encoding: 8bit\n\n");
    text.append(notice.sentence()).append("\n\n");
    text.append("rule:     ").append(notice.rule().text()).append('\n');
    text.append("since:    ").append(notice.state().since()).append('\n');
    text.append("at:       ").append(notice.at()).append('\n');
    text.append("host:     ").append(notice.host()).append('\n');
    text.append("database: ").append(notice.database()).append('\n');
    return text.toString();
  }

  /// A header's text as encoded words where it is not plain ASCII.
  static String encoded(String text) {
    if (text.chars().allMatch(c -> c >= ' ' && c < 127)) {
      return text;
    }
    StringBuilder words = new StringBuilder();
    StringBuilder part = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      String next = Character.toString(Character.isISOControl(c) ? ' ' : c);
      if ((part + next).getBytes(StandardCharsets.UTF_8).length > WORD_BYTES) {
        word(part, words);
      }
      part.append(next);
    }
    word(part, words);
    return words.toString();
  }

  private static void word(StringBuilder part, StringBuilder words) {
    String base64 =
        Base64.getEncoder().encodeToString(part.toString().getBytes(StandardCharsets.UTF_8));
    words.append(words.isEmpty() ? "" : "\n ").append("=?UTF-8?B?").append(base64).append("?=");
    part.setLength(0);
  }
}
