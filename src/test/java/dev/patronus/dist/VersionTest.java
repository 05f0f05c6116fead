package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.cli.command.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionTest {

  @Test
  void the_program_says_the_version_of_the_project() throws IOException {
    String project = Files.readString(Path.of("pom.xml"));
    String own = project.substring(0, project.indexOf("<properties>"));
    assertEquals(own.replaceAll("(?s).*<version>(.*?)</version>.*", "$1"), Version.TEXT);
  }
}
