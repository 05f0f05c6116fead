package dev.patronus.fleet.address;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Files that only their owner may read, passwords and keys, and the certificates of keys.
final class SecretFile {
  private static final int BYTES_MAX = 32 << 10;

  private SecretFile() {}

  /// The lines of a password or service file. A larger file is none, and may be the database, which
  /// SQLite alone opens.
  ///
  /// @throws UserError of usage, if it has more than 32 KiB
  static List<String> lines(Path file) throws IOException {
    requireSmall(file, "password or service file");
    return Files.readAllLines(file);
  }

  private static void requireSmall(Path file, String kind) throws IOException {
    if (Files.size(file) > BYTES_MAX) {
      throw new UserError(ExitCode.USAGE, file + " is no " + kind + ": it has more than 32 KiB");
    }
  }

  /// Refuses a file that others may read; the group may read one of root, so that a daemon can.
  ///
  /// @throws UserError of usage
  static void requirePrivate(Path file) {
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      Set<PosixFilePermission> permissions = attributes.permissions();
      boolean group = permissions.contains(PosixFilePermission.GROUP_READ);
      boolean root = attributes.owner().getName().equals("root");
      if (permissions.contains(PosixFilePermission.OTHERS_READ) || (group && !root)) {
        throw new UserError(
            ExitCode.USAGE, file + " can be read by others; run: chmod 600 " + file);
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, "cannot read " + file, e);
    }
  }

  /// Refuses a private key in PEM that the driver cannot read: one that is not in PKCS #8, or has a
  /// passphrase.
  ///
  /// @throws UserError of usage
  static void requirePlainKey(Path file) {
    try {
      requireSmall(file, "private key");
      String text = Files.readString(file, StandardCharsets.ISO_8859_1); // DER is not text
      if (text.contains("-----BEGIN ") && !text.contains("-----BEGIN PRIVATE KEY-----")) {
        throw new UserError(
            ExitCode.USAGE,
            file
                + " must be a key of PKCS #8 without a passphrase; run: openssl pkcs8 -topk8"
                + " -nocrypt -in "
                + file
                + " -out NEW");
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, "cannot read " + file, e);
    }
  }

  /// The algorithm of the key that belongs to a certificate; the driver takes any other than RSA
  /// only by its name.
  ///
  /// @throws UserError of usage, if it is none
  static String keyAlgorithm(Path certificate) {
    try {
      requireSmall(certificate, "certificate");
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)))
          .getPublicKey()
          .getAlgorithm();
    } catch (IOException | CertificateException e) {
      throw new UserError(
          ExitCode.USAGE, "cannot read the certificate " + certificate + ", in PEM or DER", e);
    }
  }

  /// The password of a login in a password file: lines of `host:port:database:user:password`
  /// (postgresql.org/docs/current/libpq-pgpass.html); empty if the file is missing, or has none.
  static Optional<String> password(Path file, String host, int port, String database, String user) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    requirePrivate(file);
    List<String> wanted = List.of(host, Integer.toString(port), database, user);
    try {
      return lines(file).stream()
          .filter(line -> !line.startsWith("#"))
          .map(SecretFile::fields)
          .filter(fields -> fields.size() == wanted.size() + 1 && matches(fields, wanted))
          .map(List::getLast)
          .findFirst();
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, "cannot read the password file " + file, e);
    }
  }

  private static boolean matches(List<String> fields, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      if (!fields.get(i).equals("*") && !fields.get(i).equals(wanted.get(i))) {
        return false;
      }
    }
    return true;
  }

  /// The fields of a line; a colon or a backslash in one stands behind a backslash.
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        i++;
        field.append(line.charAt(i));
      } else if (c == ':' && fields.size() < 4) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
