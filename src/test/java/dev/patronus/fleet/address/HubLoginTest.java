package dev.patronus.fleet.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How an address becomes a login: defaults, password files, service files.
class HubLoginTest {
  private static final String ADDRESS = "postgresql://alice@hub.example.net/patronus";

  @TempDir private Path home;
  private Path none;

  @BeforeEach
  void noFilesOfTheMachine() {
    none = home.resolve("none");
  }

  private HubLogin login(String address, Map<String, String> env) {
    return HubLogin.of(HubAddress.parse(address), env, home, "account");
  }

  private HubLogin login(String address) {
    return login(address, Map.of("PGSYSCONFDIR", none.toString()));
  }

  private static Path write(Path file, String mode, String... lines) throws IOException {
    Files.writeString(file, String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return file;
  }

  private static String password(HubLogin login) {
    return login.properties().getProperty("password");
  }

  @ParameterizedTest
  @CsvSource({
    "postgresql://hub.example.net/x, verify-full",
    "postgresql://10.0.0.1/x, verify-full",
    "'postgresql://127.0.0.1,hub.example.net/x', verify-full",
    "postgresql://127.0.0.1/x, prefer",
    "postgresql://localhost/x, prefer",
    "postgresql://[::1]/x, prefer",
    "postgresql://hub.example.net/x?sslmode=require, require",
    "postgresql:///x?host=/run/postgresql, disable"
  })
  void the_name_of_the_server_is_verified_wherever_the_connection_leaves_the_machine(
      String address, String mode) {
    assertEquals(mode, login(address).properties().getProperty("sslmode"));
  }

  @Test
  void what_an_address_leaves_out_is_as_with_psql() {
    HubLogin login = login("postgresql://hub.example.net");
    assertEquals("account", login.user());
    assertEquals("account", login.database());
    assertEquals("hub.example.net:5432/account", login.name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hub.example.net:5432:patronus:alice:secret",
        "*:*:*:*:secret",
        "hub.example.net:*:patronus:*:secret",
        "#hub.example.net:5432:patronus:alice:wrong\n*:5432:*:alice:secret",
        "other:*:*:*:wrong\n*:5433:*:*:wrong\n*:*:other:*:wrong\n*:*:*:bob:wrong\n*:*:*:alice:secret",
        "*:*:*:alice:secret\n*:*:*:alice:wrong"
      })
  void the_first_line_of_the_password_file_that_fits_counts(String lines) throws IOException {
    write(home.resolve(".pgpass"), "rw-------", lines);
    assertEquals("secret", password(login(ADDRESS)));
  }

  @Test
  void colons_and_backslashes_of_a_password_file_stand_behind_backslashes() throws IOException {
    write(home.resolve(".pgpass"), "rw-------", "*:*:a\\:b:*:s\\:e\\\\t", "*:*:*:*:wrong");
    assertEquals("s:e\\t", password(login("postgresql://alice@hub.example.net/a%3Ab")));
  }

  @Test
  void the_file_of_the_address_comes_before_that_of_the_environment_and_that_of_the_home_folder()
      throws IOException {
    write(home.resolve(".pgpass"), "rw-------", "*:*:*:*:home");
    Path named = write(home.resolve("named"), "rw-------", "*:*:*:*:environment");
    Path own = write(home.resolve("own"), "rw-------", "*:*:*:*:address");
    assertEquals("home", password(login(ADDRESS)));
    Map<String, String> env = Map.of("PGPASSFILE", named.toString());
    assertEquals("environment", password(login(ADDRESS, env)));
    assertEquals("address", password(login(ADDRESS + "?passfile=" + own, env)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw----r--"})
  void a_password_file_that_others_can_read_is_refused_with_what_to_do(String mode)
      throws IOException {
    Path file = write(home.resolve(".pgpass"), mode, "*:*:*:*:secret");
    UserError refused = assertThrows(UserError.class, () -> login(ADDRESS));
    assertEquals(file + " can be read by others; run: chmod 600 " + file, refused.getMessage());
  }

  @Test
  void without_a_password_there_is_none() {
    assertNull(password(login(ADDRESS)));
    assertEquals(
        "no password for it is in " + home.resolve(".pgpass"), login(ADDRESS).credentials());
  }

  @Test
  void a_password_is_in_no_text_of_a_login() throws IOException {
    write(home.resolve(".pgpass"), "rw-------", "*:*:*:*:secret");
    HubLogin login = login(ADDRESS);
    String texts = login + login.name() + login.url() + login.credentials() + login.socket();
    assertFalse(texts.contains("secret"), texts);
  }

  @Test
  void a_service_completes_what_the_address_leaves_out() throws IOException {
    write(
        home.resolve(".pg_service.conf"),
        "rw-------",
        "# a comment",
        "[other]",
        "host=wrong.example.net",
        "[hub]",
        "host=hub.example.net",
        "port=6432",
        "dbname=patronus",
        "user=alice",
        "password=secret",
        "sslmode=require",
        "[later]",
        "host=wrong.example.net");
    HubLogin login = login("postgresql:///?service=hub");
    assertEquals("alice at hub.example.net:6432/patronus", login.toString());
    assertEquals("secret", password(login));
    assertEquals("require", login.properties().getProperty("sslmode"));
    assertEquals(
        "bob at hub2.example.net:6432/x",
        login("postgresql://bob@hub2.example.net/x?service=hub").toString());
  }

  @Test
  void the_service_of_the_environment_is_used_where_the_address_names_none() throws IOException {
    Path file =
        write(
            home.resolve("services"),
            "rw-r--r--",
            "[hub]",
            "host=hub.example.net",
            "[second]",
            "host=second.example.net");
    Map<String, String> env = Map.of("PGSERVICE", "hub", "PGSERVICEFILE", file.toString());
    assertEquals("account at hub.example.net:5432/x", login("postgresql:///x", env).toString());
    assertEquals(
        "account at second.example.net:5432/x",
        login("postgresql:///x?service=second", env).toString());
  }

  @Test
  void services_of_the_system_come_after_those_of_the_user() throws IOException {
    Files.createDirectory(none);
    write(
        none.resolve("pg_service.conf"),
        "rw-r--r--",
        "[hub]",
        "host=system.example.net",
        "[all]",
        "host=all.example.net");
    write(home.resolve(".pg_service.conf"), "rw-------", "[hub]", "host=user.example.net");
    assertTrue(login("postgresql:///x?service=hub").name().startsWith("user.example.net"));
    assertTrue(login("postgresql:///x?service=all").name().startsWith("all.example.net"));
  }

  @Test
  void a_service_that_there_is_not_is_refused_with_the_files_that_were_read() {
    UserError refused =
        assertThrows(UserError.class, () -> login("postgresql:///x?service=nowhere"));
    assertTrue(refused.getMessage().contains("'nowhere'"), refused::getMessage);
    assertTrue(
        refused.getMessage().contains(home.resolve(".pg_service.conf").toString()),
        refused::getMessage);
  }

  @Test
  void a_socket_beside_another_host_is_refused() {
    assertThrows(UserError.class, () -> login("postgresql://%2Frun%2Fpg,hub.example.net/x"));
  }

  @Test
  void a_key_with_a_passphrase_is_refused_with_the_command_that_converts_it() throws IOException {
    Path key =
        write(
            home.resolve("key.pem"),
            "rw-------",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----",
            "-----END ENCRYPTED PRIVATE KEY-----");
    UserError refused =
        assertThrows(
            UserError.class,
            () -> login(ADDRESS + "?sslcert=" + home.resolve("crt") + "&sslkey=" + key));
    assertTrue(refused.getMessage().contains("openssl pkcs8 -topk8"), refused::getMessage);
  }
}
