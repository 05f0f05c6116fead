package dev.patronus.audit;

import java.util.Map;
import java.util.Objects;

/// Who makes a change: the person behind sudo, and where they came from.
///
/// Immutable.
///
/// @param userId the OS user's name
/// @param ipAddress the address that the SSH connection came from; null without one
/// @param userAgent the program and its version: `patronus-cli/1.0.0`
public record Actor(String userId, String ipAddress, String userAgent) {

  public Actor {
    Objects.requireNonNull(userId, "userId");
    Objects.requireNonNull(userAgent, "userAgent");
  }

  /// The actor that the environment tells of: `SUDO_USER` (sudo(8)) before the process' own user;
  /// the first word of `SSH_CONNECTION` (sshd(8)).
  public static Actor of(Map<String, String> env, String processUser, String version) {
    String behindSudo = env.getOrDefault("SUDO_USER", env.getOrDefault("DOAS_USER", ""));
    String user = behindSudo.isEmpty() ? processUser : behindSudo;
    String connection = env.getOrDefault("SSH_CONNECTION", env.getOrDefault("SSH_CLIENT", ""));
    String address = connection.isEmpty() ? null : connection.split(" ", 2)[0];
    return new Actor(user, address, "patronus-cli/" + version);
  }
}
