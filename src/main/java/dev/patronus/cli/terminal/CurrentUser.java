package dev.patronus.cli.terminal;

import dev.patronus.audit.ProcessUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Finds out as whom this process runs: from the kernel (proc(5)) and passwd(5).
public final class CurrentUser {
  private static final long NO_LOGIN = 0xffff_ffffL;
  private static final long NOBODY = 65_534;

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

  /// The second number of the line `Uid:` (proc_pid_status(5)).
  private static long effectiveUid() {
    return lines("/proc/self/status").stream()
        .filter(line -> line.startsWith("Uid:"))
        .map(line -> line.split("\\s+", -1))
        .filter(words -> words.length > 2)
        .mapToLong(words -> Long.parseLong(words[2]))
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
