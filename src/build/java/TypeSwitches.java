import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;

/// Rewrites a compiled class so that its switches over types need nothing made at run time.
///
/// javac turns `switch (shape) { case Circle c -> …` into a call that writes a class when it is
/// first met ([java.lang.runtime.SwitchBootstraps]). No AOT cache holds that class, and it costs a
/// short command a millisecond or two each time. Here the call becomes one of a private method that
/// asks `instanceof` after `instanceof`, with the same answers. Switches with other labels than
/// types stay as they are.
final class TypeSwitches {

  private static final ClassDesc BOOTSTRAPS = ClassDesc.of("java.lang.runtime.SwitchBootstraps");

  /// One call that was replaced.
  ///
  /// @param type takes the value and the label to begin with, gives the first label that fits, the
  ///   number of labels if none does, -1 for null
  private record Switch(String name, MethodTypeDesc type, List<ClassDesc> labels) {}

  private final ClassModel model;
  private final List<Switch> switches = new ArrayList<>();

  private TypeSwitches(ClassModel model) {
    this.model = model;
  }

  /// The class without such calls; the very same bytes if it has none.
  static byte[] inlined(byte[] classFile) {
    ClassFile format = ClassFile.of();
    ClassModel model = format.parse(classFile);
    TypeSwitches rewriting = new TypeSwitches(model);
    ClassTransform transform =
        ClassTransform.transformingMethodBodies(TypeSwitches::hasSwitch, rewriting::rewrite)
            .andThen(ClassTransform.endHandler(rewriting::addMethods));
    byte[] rewritten = format.transformClass(model, transform);
    return rewriting.switches.isEmpty() ? classFile : rewritten;
  }

  private static boolean hasSwitch(MethodModel method) {
    return method.code().stream()
        .flatMap(code -> code.elementStream())
        .anyMatch(TypeSwitches::isSwitch);
  }

  private static boolean isSwitch(CodeElement element) {
    return element instanceof InvokeDynamicInstruction call
        && call.bootstrapMethod().owner().equals(BOOTSTRAPS)
        && call.bootstrapMethod().methodName().equals("typeSwitch")
        && call.bootstrapArgs().stream().allMatch(ClassDesc.class::isInstance);
  }

  private void rewrite(CodeBuilder code, CodeElement element) {
    if (element instanceof InvokeDynamicInstruction call && isSwitch(call)) {
      List<ClassDesc> labels = call.bootstrapArgs().stream().map(ClassDesc.class::cast).toList();
      Switch found = new Switch("typeSwitch$" + switches.size(), call.typeSymbol(), labels);
      switches.add(found);
      code.invokestatic(model.thisClass().asSymbol(), found.name(), found.type(), isInterface());
    } else {
      code.with(element);
    }
  }

  private boolean isInterface() {
    return model.flags().has(AccessFlag.INTERFACE);
  }

  private void addMethods(ClassBuilder builder) {
    int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;
    for (Switch found : switches) {
      builder.withMethodBody(found.name(), found.type(), flags, code -> write(code, found));
    }
  }

  private static void write(CodeBuilder code, Switch found) {
    Label something = code.newLabel();
    code.aload(0).ifnonnull(something).iconst_m1().ireturn().labelBinding(something);
    for (int i = 0; i < found.labels().size(); i++) {
      Label next = code.newLabel();
      code.iload(1).loadConstant(i).if_icmpgt(next);
      code.aload(0).instanceOf(found.labels().get(i)).ifeq(next);
      code.loadConstant(i).ireturn();
      code.labelBinding(next);
    }
    code.loadConstant(found.labels().size()).ireturn();
  }
}
