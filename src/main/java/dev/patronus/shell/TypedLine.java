package dev.patronus.shell;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// A line as it was typed, in pieces.
///
/// Immutable. Words are divided by blanks and quoted as in a POSIX shell (XCU 2.2): `'…'` takes all
/// as it stands, `"…"` all but `\"` and `\\`, a backslash the next character; `#` at the start of a
/// word begins a comment. A `|` divides the command from its stages. There are no variables, no
/// patterns and no redirections.
///
/// @param unfinished whether a quote is open at the end, or a backslash stands there
public record TypedLine(List<Token> tokens, boolean unfinished) {
  private static final Pattern REDIRECTION = Pattern.compile("[12&]?>{1,2}|<");

  public TypedLine {
    tokens = List.copyOf(tokens);
  }

  /// Takes a line to pieces; what is wrong with it is said when it is run.
  public static TypedLine read(String text, RawSyntax verbatim) {
    return new Lexer(text, verbatim).split();
  }

  /// A line that holds these words and nothing else.
  static TypedLine of(List<String> words) {
    List<Token> tokens = new ArrayList<>();
    words.forEach(word -> tokens.add(new Token(Token.Kind.WORD, word, 0, 0, '\0')));
    return new TypedLine(tokens, false);
  }

  boolean isEmpty() {
    return tokens.isEmpty();
  }

  /// The words of the command. One that pastes a whole command line, with the program's name in
  /// front, means the same.
  public List<String> words() {
    List<String> words = parts().getFirst();
    return !words.isEmpty() && words.getFirst().equals("patronus")
        ? words.subList(1, words.size())
        : words;
  }

  /// What happens to its answer.
  ///
  /// @throws UserError if a stage is none, or a file is to take the answer as in other shells
  public List<PipeFilter> stages() {
    refuseRedirection();
    List<List<String>> parts = parts();
    if (parts.size() > 1 && parts.getFirst().isEmpty()) {
      throw new UserError(ExitCode.USAGE, "there is no command before the '|'");
    }
    return parts.subList(1, parts.size()).stream().map(PipeFilter::of).toList();
  }

  private void refuseRedirection() {
    tokens.stream()
        .takeWhile(token -> token.kind() != Token.Kind.BAR)
        .filter(token -> token.kind() == Token.Kind.WORD)
        .filter(token -> REDIRECTION.matcher(token.text()).lookingAt())
        .findFirst()
        .ifPresent(token -> {
          throw new UserError(
              ExitCode.USAGE,
              "'"
                  + token.text()
                  + "' is not a redirection in this shell: 'export' has --file, and"
                  + " other output can be redirected outside of the shell with"
                  + " 'patronus COMMAND > FILE'; quote a name or a filter that contains it");
        });
  }

  /// The words between the bars.
  List<List<String>> parts() {
    List<List<String>> parts = new ArrayList<>();
    List<String> part = new ArrayList<>();
    parts.add(part);
    for (Token token : tokens) {
      if (token.kind().isWord()) {
        part.add(token.text());
      } else {
        part = new ArrayList<>();
        parts.add(part);
      }
    }
    return parts;
  }

  /// Whether the line is a question for help: `help`, `?`, `site ?`.
  boolean asksForHelp() {
    List<String> words = words();
    return !words.isEmpty()
        && (words.getFirst().equals("help")
            || words.getFirst().equals("?")
            || (words.getLast().equals("?") && tokens.getLast().kind() == Token.Kind.WORD));
  }

  /// The line that gives the help that this one asks for; what follows a bar follows it still.
  TypedLine help() {
    List<String> words = new ArrayList<>(words());
    words.removeIf(word -> word.equals("?"));
    if (!words.isEmpty() && words.getFirst().equals("help")) {
      words.removeFirst();
    }
    words.add("--help");
    List<Token> help = new ArrayList<>(of(words).tokens());
    tokens.stream().dropWhile(token -> token.kind().isWord()).forEach(help::add);
    return new TypedLine(help, unfinished);
  }

  /// Whether the line leaves the shell: `exit`, `exit 3`.
  boolean leaves() {
    List<String> words = words();
    String first = words.isEmpty() ? "" : words.getFirst().toLowerCase(Locale.ROOT);
    return first.equals("exit") || first.equals("quit");
  }

  /// The exit code that a line which leaves the shell asks for; empty if it is not one that
  /// commands have.
  Optional<ExitCode> exitCode() {
    List<String> words = words();
    return switch (words.size()) {
      case 1 -> Optional.of(ExitCode.DONE);
      case 2 -> ExitCode.of(words.get(1));
      default -> Optional.empty();
    };
  }
}
