package dev.patronus.cli.option;

import java.util.regex.Pattern;

/// A pattern for names, in which `*` stands for any characters and `?` for one, in any case.
public final class Glob {
  private Glob() {}

  /// What matches the whole of a name.
  public static Pattern pattern(String glob) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      pattern.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return Pattern.compile(
        pattern.toString(), Pattern.DOTALL | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }
}
