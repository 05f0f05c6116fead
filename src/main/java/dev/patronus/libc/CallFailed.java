package dev.patronus.libc;

import java.io.IOException;

/// A call of the C library that failed: `bind: Operation not permitted`.
public final class CallFailed extends IOException {
  /// Not permitted.
  public static final int EPERM = 1;

  /// Interrupted by a signal; nothing has happened.
  static final int EINTR = 4;

  /// There is nothing at the moment.
  static final int EAGAIN = 11;

  /// No permission.
  public static final int EACCES = 13;

  /// Messages were lost, since nobody took them in time.
  static final int ENOBUFS = 105;

  private static final long serialVersionUID = 1;

  private final int errno;

  CallFailed(String message, int errno) {
    super(message);
    this.errno = errno;
  }

  /// The number of the reason, errno(3).
  public int errno() {
    return errno;
  }
}
