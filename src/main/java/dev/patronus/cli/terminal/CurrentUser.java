package dev.patronus.cli.terminal;

import dev.patronus.audit.ProcessUser;
import dev.patronus.role.Caller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;

/// Finds out as whom this process runs: from the kernel (proc(5)) and passwd(5).
public final class CurrentUser {
  private static final long NO_LOGIN = 0xffff_ffffL;
  private static final long NOBODY = 65_534;
  private static final int REAL = 1;
  private static final int EFFECTIVE = 2;

  private CurrentUser() {}

  /// The user of this process. Where the kernel does not tell, it is one without rights and without
  /// a name.
  public static ProcessUser read() {
    long uid = effectiveUid();
    Map<Long, String> names = names();
    String own = System.getProperty("user.name", "?");
    if (!own.isBlank() && !own.equals("?")) { // Java's word for a user without a name
      names.put(uid, own);
    }
    return new ProcessUser(uid, loginUid(), names);
  }

  /// The real user of this process, whatever sudo(8) and other programs say in the environment.
  ///
  /// @param groups finds the groups of a user by their name and the group of the process
  public static Caller caller(BiFunction<String, Long, Set<Long>> groups) {
    long uid = id("Uid:", REAL);
    String name = names().getOrDefault(uid, Long.toString(uid));
    return new Caller(name, uid == 0, groups.apply(name, id("Gid:", REAL)));
  }

  private static long effectiveUid() {
    return id("Uid:", EFFECTIVE);
  }

  /// A number of a line of proc_pid_status(5): real, effective, saved, file system.
  private static long id(String line, int which) {
    return lines("/proc/self/status").stream()
        .filter(each -> each.startsWith(line))
        .map(each -> each.split("\\s+", -1))
        .filter(words -> words.length > which)
        .mapToLong(words -> Long.parseLong(words[which]))
        .findFirst()
        .orElse(NOBODY);
  }

  private static OptionalLong loginUid() {
    return lines("/proc/self/loginuid").stream()
        .filter(line -> line.matches("[0-9]+"))
        .mapToLong(Long::parseLong)
        .filter(uid -> uid != NO_LOGIN)
        .findFirst();
  }

  private static Map<Long, String> names() {
    Map<Long, String> names = new HashMap<>();
    for (String line : lines("/etc/passwd")) {
      String[] fields = line.split(":", -1);
      if (fields.length > 2 && fields[2].matches("[0-9]{1,10}")) {
        names.putIfAbsent(Long.parseLong(fields[2]), fields[0]);
      }
    }
    return names;
  }

  private static List<String> lines(String file) {
    try {
      return new String(Files.readAllBytes(Path.of(file)), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException _) {
      return List.of(); // not Linux, or hidden from this process
    }
  }
}
