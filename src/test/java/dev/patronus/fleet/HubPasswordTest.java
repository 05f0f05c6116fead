package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.fleet.address.HubLogin;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Logins by password at a real server, with the files and variables that psql takes, too.
class HubPasswordTest {
  @TempDir private Path home;
  private HubUnderTest hub;
  private HubUnderTest.Enrolled berlin;

  @BeforeEach
  void enrol() {
    hub = HubUnderTest.make(PostgresServer.shared(), home);
    berlin = hub.enrol("berlin");
  }

  /// Where a password is, and how it is found.
  enum Place {
    HOME {
      @Override
      String arrange(HubPasswordTest test, Map<String, String> env) throws IOException {
        test.write(".pgpass", test.line());
        return test.address();
      }
    },
    PGPASSFILE {
      @Override
      String arrange(HubPasswordTest test, Map<String, String> env) throws IOException {
        env.put("PGPASSFILE", test.write("passwords", test.line()).toString());
        return test.address();
      }
    },
    PASSFILE {
      @Override
      String arrange(HubPasswordTest test, Map<String, String> env) throws IOException {
        return test.address() + "?passfile=" + test.write("passwords", test.line());
      }
    },
    SERVICE {
      @Override
      String arrange(HubPasswordTest test, Map<String, String> env) throws IOException {
        test.write(".pg_service.conf", test.service());
        return "postgresql:///?service=hub";
      }
    },
    PGSERVICE {
      @Override
      String arrange(HubPasswordTest test, Map<String, String> env) throws IOException {
        env.put("PGSERVICE", "hub");
        env.put("PGSERVICEFILE", test.write("services", test.service()).toString());
        return "postgresql://";
      }
    },
    PGSYSCONFDIR {
      @Override
      String arrange(HubPasswordTest test, Map<String, String> env) throws IOException {
        env.put("PGSYSCONFDIR", test.home.toString());
        test.write("pg_service.conf", test.service());
        return "postgresql:///?service=hub";
      }
    };

    /// Puts the password there, and returns the address that is used.
    abstract String arrange(HubPasswordTest test, Map<String, String> env) throws IOException;
  }

  private String address() {
    return hub.server().address(berlin.role(), hub.database());
  }

  private String line() {
    return "127.0.0.1:%d:%s:%s:%s\n"
        .formatted(hub.server().port(), hub.database(), berlin.role(), berlin.password());
  }

  private String service() {
    return "[hub]\nhost=127.0.0.1\nport=%d\ndbname=%s\nuser=%s\npassword=%s\n"
        .formatted(hub.server().port(), hub.database(), berlin.role(), berlin.password());
  }

  private Path write(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private String role(String address, Map<String, String> env) {
    HubLogin login = HubLogin.of(HubAddress.parse(address), env, home, "nobody");
    try (Hub open = Hub.open(login, 0)) {
      return open.read(
          handle -> handle.createQuery("SELECT session_user").mapTo(String.class).one());
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void a_password_is_found_where_psql_finds_it(Place place) throws IOException {
    Map<String, String> env = new TreeMap<>();
    String address = place.arrange(this, env);
    Program psql =
        Program.of("psql", "-X", "-A", "-t", "-w", "-c", "SELECT session_user", address)
            .env("HOME", home);
    for (Map.Entry<String, String> each : env.entrySet()) {
      psql = psql.env(each.getKey(), each.getValue());
    }
    ProgramOutcome judge = psql.run();
    assertEquals(berlin.role() + "\n", judge.stdout(), judge::toString);
    assertEquals(berlin.role(), role(address, env));
  }

  @Test
  void a_password_that_is_wrong_is_not_in_the_message_but_the_name_of_its_file_is()
      throws IOException {
    Path file = write(".pgpass", "*:*:*:*:hunter2\n");
    String message = assertThrows(UserError.class, () -> role(address(), Map.of())).getMessage();
    assertTrue(message.contains("refuses the login of " + berlin.role()), message);
    assertTrue(message.contains(file.toString()), message);
    assertFalse(message.contains("hunter2"), message);
  }

  @Test
  void a_name_that_no_host_has_is_named() {
    String message =
        assertThrows(
                UserError.class, () -> role("postgresql://hub.invalid/x?sslmode=disable", Map.of()))
            .getMessage();
    assertEquals("cannot reach the hub hub.invalid:5432/x: there is no host of that name", message);
  }

  @Test
  void a_password_that_is_missing_is_named_with_the_file_where_it_was_looked_for() {
    String message = assertThrows(UserError.class, () -> role(address(), Map.of())).getMessage();
    assertTrue(message.contains("refuses the login of " + berlin.role()), message);
    assertTrue(message.endsWith("no password for it is in " + home.resolve(".pgpass")), message);
  }
}
