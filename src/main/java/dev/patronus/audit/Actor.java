package dev.patronus.audit;

import dev.patronus.flow.IpAddress;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Who makes a change: the person, and where they came from.
///
/// Immutable. The values go into the platform's audit trail, which a web page and terminals show:
/// whatever they are made from, they are short and have no character that drives a terminal or is
/// markup, and an address is one.
///
/// @param userId the OS user's name, or its number where it has none
/// @param ipAddress the address that the SSH connection came from, as RFC 5952 writes it; null
///   where there is none, or the text is no address
/// @param userAgent the program and its version: `patronus-cli/1.0.0`
public record Actor(String userId, @Nullable String ipAddress, String userAgent) {
  /// The most characters of a text.
  static final int TEXT_MAX = 200;

  private static final char REPLACEMENT = '\ufffd';

  public Actor {
    userId = harmless(Objects.requireNonNull(userId, "userId"));
    ipAddress = ipAddress == null ? null : address(ipAddress);
    userAgent = harmless(Objects.requireNonNull(userAgent, "userAgent"));
  }

  /// The actor of a command: the person whom the kernel vouches for, and the first word of
  /// `SSH_CONNECTION` (sshd(8)).
  ///
  /// @param env the process' environment
  public static Actor of(Map<String, String> env, ProcessUser user, String version) {
    String connection = env.getOrDefault("SSH_CONNECTION", env.getOrDefault("SSH_CLIENT", ""));
    return new Actor(user.person(env), connection.split(" ", 2)[0], "patronus-cli/" + version);
  }

  /// The address in its one way of writing, without a zone (`%eth0`); null if the text is none.
  private static @Nullable String address(String text) {
    int zone = text.indexOf('%');
    try {
      return IpAddress.parse(zone < 0 ? text : text.substring(0, zone)).toString();
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static String harmless(String text) {
    StringBuilder harmless = new StringBuilder();
    text.codePoints()
        .limit(TEXT_MAX)
        .forEach(point -> harmless.appendCodePoint(isHarmless(point) ? point : REPLACEMENT));
    return harmless.toString();
  }

  private static boolean isHarmless(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> "<>&\"'`".indexOf(point) < 0;
    };
  }
}
