import java.io.IOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Rewrites a compiled class so that nothing of it has to be written at run time.
///
/// javac leaves switches over types and the `equals`, `hashCode` and `toString` of records to calls
/// that make their code when they are first met. No AOT cache holds what they make, and it costs a
/// short command one to ten milliseconds each. Here each such call becomes one of a private method
/// of the same class, with the same answers: [TypeSwitches], [RecordMethods]. Calls of other kinds
/// stay as they are; lambdas and text concatenation are in the cache.
final class BootstrapCalls {

  /// One call that was replaced by a method.
  private record Method(String name, MethodTypeDesc type, Consumer<CodeBuilder> body) {}

  private final ClassModel model;
  private final List<Method> methods = new ArrayList<>();

  private BootstrapCalls(ClassModel model) {
    this.model = model;
  }

  /// Rewrites the classes of a folder in place.
  public static void main(String[] folder) throws IOException {
    replaceIn(Path.of(folder[0]));
  }

  static void replaceIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".class")).toList()) {
        Files.write(file, replaced(Files.readAllBytes(file)));
      }
    }
  }

  /// The class without such calls; the very same bytes if it has none.
  private static byte[] replaced(byte[] classFile) {
    ClassFile format = ClassFile.of();
    ClassModel model = format.parse(classFile);
    BootstrapCalls calls = new BootstrapCalls(model);
    ClassTransform transform =
        ClassTransform.transformingMethodBodies(BootstrapCalls::hasCall, calls::rewrite)
            .andThen(ClassTransform.endHandler(calls::addMethods));
    byte[] rewritten = format.transformClass(model, transform);
    return calls.methods.isEmpty() ? classFile : rewritten;
  }

  private static boolean hasCall(MethodModel method) {
    return method.code().stream()
        .flatMap(CodeModel::elementStream)
        .anyMatch(element -> body(element).isPresent());
  }

  /// What the call does, as code of a method with the same parameters and result.
  private static Optional<Consumer<CodeBuilder>> body(CodeElement element) {
    return element instanceof InvokeDynamicInstruction call
        ? TypeSwitches.body(call).or(() -> RecordMethods.body(call))
        : Optional.empty();
  }

  private void rewrite(CodeBuilder code, CodeElement element) {
    Optional<Consumer<CodeBuilder>> body = body(element);
    if (body.isPresent() && element instanceof InvokeDynamicInstruction call) {
      String name = call.name().stringValue() + "$" + methods.size();
      methods.add(new Method(name, call.typeSymbol(), body.get()));
      boolean isInterface = model.flags().has(AccessFlag.INTERFACE);
      code.invokestatic(model.thisClass().asSymbol(), name, call.typeSymbol(), isInterface);
    } else {
      code.with(element);
    }
  }

  private void addMethods(ClassBuilder builder) {
    int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;
    for (Method method : methods) {
      builder.withMethodBody(method.name(), method.type(), flags, method.body());
    }
  }
}
