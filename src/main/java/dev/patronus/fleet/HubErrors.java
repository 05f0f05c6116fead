package dev.patronus.fleet;

import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubLogin;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.sql.SQLException;
import java.util.Optional;

/// Turns what the driver throws into sentences with exit codes
/// (postgresql.org/docs/current/errcodes-appendix.html).
public final class HubErrors {
  private HubErrors() {}

  /// The error of a connection that failed.
  static UserError connecting(HubLogin login, SQLException e) {
    String state = state(e);
    // 08004: it asked for a password that there is not, or has no TLS.
    if (state.startsWith("28") || (state.equals("08004") && !text(e).contains("SSL"))) {
      return new UserError(
          ExitCode.FAILED,
          "the hub "
              + login.name()
              + " refuses the login of "
              + login.user()
              + ": "
              + text(e)
              + "; "
              + login.credentials(),
          e);
    }
    if (state.equals("3D000")) {
      return new UserError(
          ExitCode.UNUSABLE_DATABASE,
          "there is no database "
              + login.database()
              + " on the hub "
              + login.name()
              + "; createdb makes one",
          e);
    }
    return new UserError(
        ExitCode.FAILED,
        certificate(login, e)
            .map(why -> "the certificate of the hub " + login.name() + " " + why)
            .orElseGet(() -> "cannot reach the hub " + login.name() + ": " + unreached(e)),
        e);
  }

  /// Why a hub is not reached; the driver hides some reasons in the cause.
  private static String unreached(SQLException e) {
    return switch (e.getCause()) {
      case UnknownHostException _ -> "there is no host of that name";
      case SocketTimeoutException _ -> "it does not answer in time";
      case NoRouteToHostException cause -> ErrorText.of(cause);
      case null, default -> text(e);
    };
  }

  /// Why the certificate of a hub is not accepted; empty if that is not what failed.
  private static Optional<String> certificate(HubLogin login, SQLException e) {
    // The driver's texts are translated, names of classes in them are not.
    if (e.getMessage() != null && e.getMessage().contains("HostnameVerifier")) {
      return Optional.of(
          "is not for the name "
              + login.hostNames()
              + "; write the name that it has into the address");
    }
    boolean unknown = false;
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException
          || cause instanceof CertificateNotYetValidException) {
        return Optional.of("is out of date: " + cause.getMessage());
      }
      unknown |= cause instanceof CertPathBuilderException;
    }
    return unknown
        ? Optional.of(
            "is not signed by an authority of "
                + login.authorities().orElse("this system")
                + "; name the file of the right one with sslrootcert=FILE")
        : Optional.empty();
  }

  /// The error of a statement that failed.
  public static UserError running(HubLogin login, SQLException e) {
    String state = state(e);
    return switch (state) {
      case "3F000", "42P01", "42883", "42703" ->
          new UserError(
              ExitCode.UNUSABLE_DATABASE,
              login.name()
                  + " is no hub of this version: "
                  + text(e)
                  + "; run: patronus fleet init",
              e);
      case "42501" ->
          new UserError(
              ExitCode.REFUSED,
              login.user() + " may not do this on the hub " + login.name() + ": " + text(e),
              e);
      case "55P03", "40001", "40P01" ->
          new UserError(
              ExitCode.BUSY, "the hub " + login.name() + " is busy: " + text(e) + "; try again", e);
      default ->
          new UserError(ExitCode.FAILED, "the hub " + login.name() + " failed: " + text(e), e);
    };
  }

  private static String state(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  /// The first line of what was said.
  static String text(SQLException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    return line.replaceFirst("^(ERROR|FATAL): ", "").replaceFirst("\\.$", "");
  }
}
