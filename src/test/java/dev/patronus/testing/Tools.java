package dev.patronus.testing;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// What a test needs of the machine: programs, root, features of the kernel.
///
/// A test whose program is missing, or that is not root, is skipped on a developer's machine and
/// fails in continuous integration, where nobody would notice that it never runs. Continuous
/// integration is where the environment has `CI` (not empty, not `false`) or
/// `PATRONUS_REQUIRE_TOOLS=1`; `PATRONUS_REQUIRE_TOOLS=0` turns it off.
///
/// A feature of the kernel, or a right that a container may withhold from root, cannot be
/// installed: a test that lacks it is skipped everywhere, and a line that begins with `skipped: `
/// says so.
public final class Tools {
  private static final boolean REQUIRED = areRequired(System.getenv());

  private Tools() {}

  /// Requires programs on the path; names the first one that is missing.
  public static void require(String... programs) {
    Stream.of(programs)
        .filter(program -> !Program.isInstalled(program))
        .findFirst()
        .ifPresent(missing -> lack(REQUIRED, missing + " is not installed"));
  }

  /// Requires one of several programs that do the same.
  public static void requireOneOf(List<String> programs) {
    if (programs.stream().noneMatch(Program::isInstalled)) {
      lack(REQUIRED, "none of " + String.join(", ", programs) + " is installed");
    }
  }

  /// Requires that this process is root.
  public static void requireRoot() {
    if (!isRoot()) {
      lack(REQUIRED, "this test needs root");
    }
  }

  /// Requires a machine that runs programs for amd64.
  public static void requireAmd64() {
    if (!System.getProperty("os.arch").equals("amd64")) {
      lack(REQUIRED, "this test needs amd64");
    }
  }

  /// Whether this process is root.
  public static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /// Requires what no package brings: a feature of the kernel, or a right in this container.
  ///
  /// @param present whether this machine has it
  /// @param feature its name: `connection tracking`
  public static void requireKernel(boolean present, String feature) {
    if (!present) {
      System.err.println("skipped: this machine has no " + feature);
      lack(false, "this machine has no " + feature);
    }
  }

  static boolean areRequired(Map<String, String> environment) {
    String explicit = environment.getOrDefault("PATRONUS_REQUIRE_TOOLS", "");
    if (!explicit.isEmpty()) {
      return explicit.equals("1");
    }
    String ci = environment.getOrDefault("CI", "");
    return !ci.isEmpty() && !ci.equals("false");
  }

  /// Ends the test: as failed where the tools are required, as skipped elsewhere.
  static void lack(boolean required, String what) {
    if (required) {
      Assertions.fail(what + "; install it, or set PATRONUS_REQUIRE_TOOLS=0 to skip such tests");
    }
    Assumptions.abort(what);
  }
}
