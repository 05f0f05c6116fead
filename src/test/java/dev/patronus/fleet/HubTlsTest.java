package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import dev.patronus.testing.CertificateAuthority;
import dev.patronus.testing.CertificateAuthority.Certificate;
import dev.patronus.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Logins by TLS at a real server whose certificate is for the name `localhost`.
class HubTlsTest {
  @TempDir private static Path files;
  private static CertificateAuthority authority;
  private static CertificateAuthority stranger;
  private static PostgresServer server;
  private static HubUnderTest hub;
  private static String role;

  @TempDir private Path home;

  @BeforeAll
  static void startServer() throws IOException {
    CertificateAuthority.require();
    authority = CertificateAuthority.make(files, "authority");
    stranger = CertificateAuthority.make(files, "stranger");
    server = PostgresServer.startTls(authority.server("server", "DNS:localhost"), authority.root());
    hub = HubUnderTest.make(server, files);
    hub.sql("CREATE ROLE certificates");
    try (Hub open = hub.admin()) {
      role = HubGateways.enrol(open, "berlin", true, OptionalLong.empty()).role();
    }
    hub.sql("GRANT certificates TO " + role);
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  private String address(String user, String host, String parameters) {
    return "postgresql://%s@%s:%d/%s?%s"
        .formatted(user, host, server.port(), hub.database(), parameters);
  }

  private HubUnderTest here() {
    return hub.withHome(home);
  }

  private String cipher(String address) {
    try (Hub open = Hub.open(here().login(address), 0)) {
      return open.read(handle ->
          handle
              .createQuery("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl")
              .mapTo(String.class)
              .one());
    }
  }

  private String refusal(String address) {
    return assertThrows(UserError.class, () -> cipher(address)).getMessage();
  }

  @Test
  void a_server_whose_authority_and_name_are_right_is_accepted() {
    assertTrue(
        cipher(address("admin", "localhost", "sslmode=verify-full&sslrootcert=" + authority.root()))
            .startsWith("TLSv1."));
  }

  @Test
  void the_authority_in_the_home_folder_is_used_where_none_is_named() throws IOException {
    Path folder = Files.createDirectory(home.resolve(".postgresql"));
    Files.copy(authority.root(), folder.resolve("root.crt"));
    assertTrue(cipher(address("admin", "localhost", "sslmode=verify-full")).startsWith("TLSv1."));
    Files.copy(stranger.root(), folder.resolve("root.crt"), StandardCopyOption.REPLACE_EXISTING);
    assertTrue(
        refusal(address("admin", "localhost", "sslmode=verify-full")).contains("certificate"));
  }

  @Test
  void a_server_whose_authority_is_another_is_refused_and_the_file_is_named() {
    String message =
        refusal(
            address("admin", "localhost", "sslmode=verify-full&sslrootcert=" + stranger.root()));
    assertTrue(message.contains("is not signed by an authority of"), message);
    assertTrue(message.contains(stranger.root().toString()), message);
  }

  @Test
  void a_server_of_another_name_is_refused() {
    String message =
        refusal(
            address("admin", "127.0.0.1", "sslmode=verify-full&sslrootcert=" + authority.root()));
    assertTrue(message.contains("is not for the name 127.0.0.1"), message);
  }

  @Test
  void a_name_is_not_checked_where_only_the_authority_is() {
    assertTrue(
        cipher(address("admin", "127.0.0.1", "sslmode=verify-ca&sslrootcert=" + authority.root()))
            .startsWith("TLSv1."));
  }

  @Test
  void a_server_without_tls_is_refused_where_tls_is_asked_for() {
    try (PostgresServer plain = PostgresServer.start()) {
      String message =
          refusal(
              "postgresql://admin@localhost:%d/postgres?sslmode=verify-full&sslrootcert=%s"
                  .formatted(plain.port(), authority.root()));
      assertTrue(message.startsWith("cannot reach the hub"), message);
      assertTrue(message.endsWith("does not support SSL"), message);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec", "rsa"})
  void a_gateway_logs_in_by_a_certificate_of_its_role_and_calls_its_function(String algorithm)
      throws IOException {
    Certificate own = authority.client("own-" + algorithm, role, algorithm);
    try (GatewayLink link = link(own)) {
      assertEquals(0, link.call("mark", "").epoch());
    }
  }

  private GatewayLink link(Certificate certificate) {
    return new GatewayLink(
        Hub.open(
            here()
                .login(
                    address(
                        role,
                        "localhost",
                        "gateway=berlin&sslmode=verify-full&sslrootcert=%s&sslcert=%s&sslkey=%s"
                            .formatted(
                                authority.root(), certificate.certificate(), certificate.key()))),
            0),
        "berlin");
  }

  @Test
  void a_certificate_of_another_role_is_refused() throws IOException {
    Certificate other = authority.client("other", "lyon", "ec");
    String message = assertThrows(UserError.class, () -> link(other)).getMessage();
    assertTrue(message.contains("refuses the login of " + role), message);
    assertTrue(message.contains("common name"), message);
  }

  @Test
  void a_certificate_of_a_strange_authority_is_refused() throws IOException {
    Certificate forged = stranger.client("forged", role, "ec");
    assertThrows(UserError.class, () -> link(forged));
  }

  @Test
  void a_gateway_of_certificates_cannot_log_in_without_one() {
    String message =
        refusal(address(role, "localhost", "sslmode=verify-full&sslrootcert=" + authority.root()));
    assertTrue(message.contains("certificate"), message);
  }

  @Test
  void a_private_key_that_others_can_read_is_refused() throws IOException {
    Certificate own = authority.client("open", role, "ec");
    Files.setPosixFilePermissions(own.key(), PosixFilePermissions.fromString("rw-r--r--"));
    String message = assertThrows(UserError.class, () -> link(own)).getMessage();
    assertTrue(message.contains("chmod 600 " + own.key()), message);
  }
}
