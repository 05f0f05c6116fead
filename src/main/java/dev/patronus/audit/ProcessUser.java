package dev.patronus.audit;

import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/// The user whom the kernel runs this process as, and who logged in before.
///
/// Immutable.
///
/// @param effectiveUid the process' effective user id
/// @param loginUid the user id that logged in, which survives su(1) and sudo(8) (proc_pid_loginuid
///   in proc(5)); empty where nobody did: in a service, a container, or a kernel without auditing
/// @param names the names of users by their ids (passwd(5)); those of some may be missing
public record ProcessUser(long effectiveUid, OptionalLong loginUid, Map<Long, String> names) {
  /// The id of root.
  private static final long ROOT = 0;

  public ProcessUser {
    Objects.requireNonNull(loginUid, "loginUid");
    names = Map.copyOf(names);
  }

  /// The person at work, as far as the kernel vouches for it: its name, else its number.
  ///
  /// sudo(8)'s `SUDO_USER` and `SUDO_UID` are texts that everybody can set. They are believed where
  /// the login uid says the same, and, where there is none, of root if both name one user.
  ///
  /// @param env the process' environment
  public String person(Map<String, String> env) {
    OptionalLong claimed = claimed(env);
    String sudoUser = env.getOrDefault("SUDO_USER", "");
    boolean root = effectiveUid == ROOT;
    if (loginUid.isPresent()) {
      long login = loginUid.getAsLong();
      boolean unnamed = root && loginUid.equals(claimed) && !sudoUser.isBlank();
      return loginUid.equals(claimed) || (root && login != ROOT)
          ? names.getOrDefault(login, unnamed ? sudoUser : Long.toString(login))
          : name(effectiveUid);
    }
    boolean vouched =
        root && claimed.isPresent() && sudoUser.equals(names.get(claimed.getAsLong()));
    return vouched ? sudoUser : name(effectiveUid);
  }

  /// Whether the process has more rights than the person at its terminal may have: it is root, or
  /// it runs as somebody other than who logged in or called sudo(8).
  ///
  /// @param env the process' environment
  public boolean isRaised(Map<String, String> env) {
    boolean sudo = !env.getOrDefault("SUDO_UID", "").isEmpty();
    return effectiveUid == ROOT
        || isOther(loginUid)
        || (sudo && (claimed(env).isEmpty() || isOther(claimed(env))));
  }

  private boolean isOther(OptionalLong uid) {
    return uid.isPresent() && uid.getAsLong() != effectiveUid;
  }

  private static OptionalLong claimed(Map<String, String> env) {
    String uid = env.getOrDefault("SUDO_UID", "");
    return uid.matches("[0-9]{1,10}") ? OptionalLong.of(Long.parseLong(uid)) : OptionalLong.empty();
  }

  private String name(long uid) {
    return names.getOrDefault(uid, Long.toString(uid));
  }
}
