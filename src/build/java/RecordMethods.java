import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What [java.lang.runtime.ObjectMethods] does for `equals`, `hashCode` and `toString` of records:
/// component after component.
final class RecordMethods {

  private static final ClassDesc BOOTSTRAPS = ClassDesc.of("java.lang.runtime.ObjectMethods");
  private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");
  private static final ClassDesc BUILDER = ClassDesc.of("java.lang.StringBuilder");

  private final ClassDesc type;
  private final List<DirectMethodHandleDesc> fields;

  private RecordMethods(ClassDesc type, List<DirectMethodHandleDesc> fields) {
    this.type = type;
    this.fields = fields;
  }

  /// Code for the parameters (record) or (record, other). Empty for calls of other kinds.
  static Optional<Consumer<CodeBuilder>> body(InvokeDynamicInstruction call) {
    if (!call.bootstrapMethod().owner().equals(BOOTSTRAPS)) {
      return Optional.empty();
    }
    // The record's class, the names of its components in one text, and how to read each.
    ClassDesc type = (ClassDesc) call.bootstrapArgs().getFirst();
    RecordMethods methods =
        new RecordMethods(
            type,
            call.bootstrapArgs().stream().skip(2).map(DirectMethodHandleDesc.class::cast).toList());
    return switch (call.name().stringValue()) {
      case "equals" -> Optional.of(methods::writeEquals);
      case "hashCode" -> Optional.of(methods::writeHashCode);
      case "toString" -> Optional.of(methods::writeToString);
      default -> Optional.empty();
    };
  }

  private static ClassDesc typeOf(DirectMethodHandleDesc field) {
    return field.invocationType().returnType();
  }

  private void load(CodeBuilder code, int local, DirectMethodHandleDesc field) {
    code.aload(local).getfield(type, field.methodName(), typeOf(field));
  }

  private void writeEquals(CodeBuilder code) {
    Label different = code.newLabel();
    Label other = code.newLabel();
    code.aload(0).aload(1).if_acmpne(other).iconst_1().ireturn().labelBinding(other);
    code.aload(1).instanceOf(type).ifeq(different);
    code.aload(1).checkcast(type).astore(2);
    for (DirectMethodHandleDesc field : fields) {
      load(code, 0, field);
      load(code, 2, field);
      branchIfDifferent(code, typeOf(field), different);
    }
    code.iconst_1().ireturn();
    code.labelBinding(different).iconst_0().ireturn();
  }

  private static void branchIfDifferent(CodeBuilder code, ClassDesc type, Label different) {
    switch (TypeKind.from(type)) {
      case LONG -> code.lcmp().ifne(different);
      case FLOAT, DOUBLE ->
          code.invokestatic(box(type), "compare", of(CD_int, type, type)).ifne(different);
      case REFERENCE ->
          code.invokestatic(OBJECTS, "equals", of(CD_boolean, CD_Object, CD_Object))
              .ifeq(different);
      case BOOLEAN, BYTE, CHAR, SHORT, INT -> code.if_icmpne(different);
      case VOID -> throw new IllegalArgumentException("a component of type void");
    }
  }

  private void writeHashCode(CodeBuilder code) {
    code.iconst_0();
    for (DirectMethodHandleDesc field : fields) {
      ClassDesc component = typeOf(field);
      code.loadConstant(31).imul();
      load(code, 0, field);
      if (component.isPrimitive()) {
        code.invokestatic(box(component), "hashCode", of(CD_int, component));
      } else {
        code.invokestatic(OBJECTS, "hashCode", of(CD_int, CD_Object));
      }
      code.iadd();
    }
    code.ireturn();
  }

  private void writeToString(CodeBuilder code) {
    code.new_(BUILDER).dup().invokespecial(BUILDER, "<init>", of(CD_void));
    String before = type.displayName().replaceFirst(".*\\$", "") + "[";
    for (DirectMethodHandleDesc field : fields) {
      append(code.loadConstant(before + field.methodName() + "="), CD_String);
      load(code, 0, field);
      append(code, printed(typeOf(field)));
      before = ", ";
    }
    append(code.loadConstant(fields.isEmpty() ? before + "]" : "]"), CD_String);
    code.invokevirtual(BUILDER, "toString", of(CD_String)).areturn();
  }

  private static void append(CodeBuilder code, ClassDesc type) {
    code.invokevirtual(BUILDER, "append", of(BUILDER, type));
  }

  /// The parameter of the `append` that takes such a value.
  private static ClassDesc printed(ClassDesc type) {
    return switch (TypeKind.from(type)) {
      case REFERENCE -> CD_Object;
      case BYTE, SHORT -> CD_int;
      default -> type;
    };
  }

  private static ClassDesc box(ClassDesc primitive) {
    return switch (TypeKind.from(primitive)) {
      case BOOLEAN -> ClassDesc.of("java.lang.Boolean");
      case BYTE -> ClassDesc.of("java.lang.Byte");
      case CHAR -> ClassDesc.of("java.lang.Character");
      case SHORT -> ClassDesc.of("java.lang.Short");
      case INT -> ClassDesc.of("java.lang.Integer");
      case LONG -> ClassDesc.of("java.lang.Long");
      case FLOAT -> ClassDesc.of("java.lang.Float");
      case DOUBLE -> ClassDesc.of("java.lang.Double");
      case REFERENCE, VOID -> throw new IllegalArgumentException(primitive + " has no box");
    };
  }

  private static MethodTypeDesc of(ClassDesc result, ClassDesc... parameters) {
    return MethodTypeDesc.of(result, parameters);
  }
}
