package dev.patronus.shell;

import java.util.regex.Pattern;

/// What of a typed line must not be remembered.
///
/// A line is forgotten if it begins with a blank, which is how people ask for that, or if it looks
/// as if it held a secret: a word such as `password`, `secret`, `token`, `api-key`, `private-key`
/// or `credential` with a value behind it, `Bearer` or `Basic` and what follows, a password within
/// a URL, the head of a private key, or a key of 32 bytes in Base64 as WireGuard writes it.
final class SecretFilter {
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(pass(word|wd|phrase)|secret|token|api[-_]?key|private[-_]?key|preshared[-_]?key"
              + "|credentials?)[\"']?\\s*(=|:|\\s)\\s*\\S"
              + "|\\b(bearer|basic)\\s+[\\w.+/=-]{8,}"
              + "|://[^\\s/@:]*:[^\\s/@]+@"
              + "|-----BEGIN "
              + "|(?<![\\w+/])[\\w+/]{43}=(?![\\w+/=])");

  private SecretFilter() {}

  /// Whether the line may be remembered.
  static boolean mayKeep(String line) {
    return !line.isBlank()
        && !Character.isWhitespace(line.charAt(0))
        && !SECRET.matcher(line).find();
  }
}
