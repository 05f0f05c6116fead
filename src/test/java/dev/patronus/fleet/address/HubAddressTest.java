package dev.patronus.fleet.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubAddress.Host;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is read in the address of a hub.
class HubAddressTest {
  @Test
  void all_parts_are_read() {
    HubAddress address =
        HubAddress.parse("postgresql://alice@hub.example.net:6432/fleet%20one?gateway=berlin");
    assertEquals(List.of(new Host("hub.example.net", Optional.of(6432))), address.hosts());
    assertEquals(Optional.of("alice"), address.user());
    assertEquals(Optional.of("fleet one"), address.database());
    assertEquals(Optional.of("berlin"), address.gateway());
  }

  @Test
  void several_hosts_have_ports_of_their_own() {
    assertEquals(
        List.of(
            new Host("a.example.net", Optional.of(1)),
            new Host("fd77:1::1", Optional.empty()),
            new Host("fd77:1::2", Optional.of(2))),
        HubAddress.parse("postgres://a.example.net:1,[fd77:1::1],[fd77:1::2]:2/x").hosts());
  }

  @Test
  void parameters_may_stand_for_the_parts_before_them() {
    HubAddress address =
        HubAddress.parse("postgresql:///?host=/run/pg&port=5433&user=alice&dbname=hub");
    assertEquals(List.of(new Host("/run/pg", Optional.of(5433))), address.hosts());
    assertEquals(Optional.of("alice"), address.user());
    assertEquals(Optional.of("hub"), address.database());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql:///patronus",
        "postgresql://hub.example.net/patronus?gateway=berlin",
        "postgresql://a:1,b:2/patronus?sslmode=require&gateway=b%26rlin%20%3D",
        "postgresql://alice@[fd77:1::1]:5432/patronus",
        "postgresql://%2Frun%2Fpostgresql:5433/patronus"
      })
  void its_text_is_read_back_as_the_same(String text) {
    assertEquals(text, HubAddress.parse(text).text());
    assertEquals(HubAddress.parse(text), HubAddress.parse(HubAddress.parse(text).text()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://alice:hunter2@hub/patronus",
        "postgresql://alice:@hunter2/patronus",
        "postgresql://hub/patronus?password=hunter2",
        "postgresql://hub/patronus?sslpassword=hunter2",
        "hunter2",
        "mysql://hunter2/x",
        "postgresql://hub:hunter2/x",
        "postgresql://hub/x?hunter2",
        "postgresql://hub/%hunter2",
        "postgresql://hub/x?port=1hunter2&host=a"
      })
  void what_is_refused_is_not_repeated(String text) {
    UserError refused = assertThrows(UserError.class, () -> HubAddress.parse(text));
    assertEquals(ExitCode.USAGE, refused.exitCode());
    assertFalse(refused.getMessage().contains("hunter2"), refused::getMessage);
  }

  @Test
  void an_address_of_this_machine_is_known_as_one() {
    assertTrue(HubAddress.parse("postgresql:///patronus").isLocal());
    assertTrue(HubAddress.parse("postgresql://127.0.0.1:5433/patronus").isLocal());
    assertFalse(HubAddress.parse("postgresql://127.0.0.1,hub/patronus").isLocal());
    assertFalse(HubAddress.parse("postgresql:///patronus?service=hub").isLocal());
  }

  @Test
  void a_password_is_refused_with_the_name_of_the_file_where_it_belongs() {
    UserError refused =
        assertThrows(UserError.class, () -> HubAddress.parse("postgresql://a:b@hub/patronus"));
    assertTrue(refused.getMessage().contains("~/.pgpass"), refused::getMessage);
  }

  @Test
  void a_parameter_that_there_is_not_is_refused_with_those_that_there_are() {
    UserError refused =
        assertThrows(UserError.class, () -> HubAddress.parse("postgresql://hub/x?gatway=berlin"));
    assertTrue(refused.getMessage().contains("gateway, passfile, service"), refused::getMessage);
  }

  @Test
  void a_mode_of_tls_that_there_is_not_is_refused() {
    assertThrows(UserError.class, () -> HubAddress.parse("postgresql://hub/x?sslmode=verify"));
  }
}
