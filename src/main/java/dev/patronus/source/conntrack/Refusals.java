package dev.patronus.source.conntrack;

import dev.patronus.libc.CallFailed;

/// The messages and next steps for refusals of the kernel.
final class Refusals {
  static final String FORBIDDEN =
      "this process is not permitted to read the kernel's connection tracking table";

  static final String PRIVILEGE =
      "it needs CAP_NET_ADMIN in the network namespace; give it to the service with"
          + " AmbientCapabilities=CAP_NET_ADMIN";

  private static final String MODULE =
      "the kernel did not give its connection tracking table; if it lacks the module, 'modprobe"
          + " nf_conntrack_netlink' loads it";

  private Refusals() {}

  static String listen(CallFailed failure) {
    return failure.errno() == CallFailed.EPERM
        ? FORBIDDEN + ": " + PRIVILEGE
        : MODULE + " (" + message(failure) + ")";
  }

  static String dump(int errno) {
    return errno == CallFailed.EPERM
        ? FORBIDDEN + ": " + PRIVILEGE
        : MODULE + " (error " + errno + ")";
  }

  private static String message(CallFailed failure) {
    return String.valueOf(failure.getMessage());
  }
}
