package dev.patronus.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// A certificate authority that openssl(1) made in a folder: `NAME.crt` and `NAME.key` there, and
/// the certificates that it has signed.
///
/// Immutable. Certificates are valid for two days.
public record CertificateAuthority(Path folder, String name) {
  /// A certificate and its private key, in PEM.
  public record Certificate(Path certificate, Path key) {}

  /// Requires of this machine what [#make] needs.
  public static void require() {
    Tools.require("openssl");
  }

  /// Makes one.
  public static CertificateAuthority make(Path folder, String name) throws IOException {
    CertificateAuthority made = new CertificateAuthority(folder, name);
    made.request(name, "ec", "basicConstraints=critical,CA:TRUE", List.of());
    return made;
  }

  /// Its own certificate, which others trust.
  public Path root() {
    return folder.resolve(name + ".crt");
  }

  /// Signs a certificate of a server.
  ///
  /// @param names as `DNS:localhost` or `IP:127.0.0.1`, apart by commas
  public Certificate server(String file, String names) throws IOException {
    return request(file, "ec", "subjectAltName=" + names, signed());
  }

  /// Signs a certificate of a client.
  ///
  /// @param commonName the role that logs in by it
  /// @param algorithm of its key: `ec` or `rsa`
  public Certificate client(String file, String commonName, String algorithm) throws IOException {
    return request(file, commonName, algorithm, "extendedKeyUsage=clientAuth", signed());
  }

  private List<Object> signed() {
    return List.of("-CA", root(), "-CAkey", folder.resolve(name + ".key"));
  }

  private Certificate request(String file, String algorithm, String extension, List<Object> more)
      throws IOException {
    return request(file, file, algorithm, extension, more);
  }

  private Certificate request(
      String file, String commonName, String algorithm, String extension, List<Object> more)
      throws IOException {
    Certificate made =
        new Certificate(folder.resolve(file + ".crt"), folder.resolve(file + ".key"));
    List<Object> words = new ArrayList<>(List.of("req", "-x509", "-nodes", "-days", "2"));
    words.addAll(
        algorithm.equals("ec")
            ? List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
            : List.of("-newkey", "rsa:2048"));
    words.addAll(List.of("-subj", "/CN=" + commonName, "-addext", extension));
    words.addAll(List.of("-out", made.certificate(), "-keyout", made.key()));
    words.addAll(more);
    ProgramOutcome outcome = Program.of("openssl", words.toArray()).run();
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.toString());
    }
    Files.setPosixFilePermissions(made.key(), PosixFilePermissions.fromString("rw-------"));
    return made;
  }
}
