/** @file `tenon encrypt` and `tenon decrypt`, and the options that name their keys. */
import { Command } from "commander";
import { collect } from "../option-values.ts";

/** The options that name a key of AES-256-GCM or a passphrase of age's. */
interface SharedKeyOptions {
  readonly keyEnv?: string;
  readonly keyCommand?: string;
  readonly passphraseEnv?: string;
}

/** The options that say for whom is encrypted. */
export interface EncryptionKeyOptions extends SharedKeyOptions {
  readonly recipient: readonly string[];
}

/** The options that say what decrypts. */
export interface DecryptionKeyOptions extends SharedKeyOptions {
  readonly identity?: string;
}

export interface EncryptOptions extends EncryptionKeyOptions {
  readonly out: string;
}

export interface DecryptOptions extends DecryptionKeyOptions {
  readonly out: string;
}

/** Adds the options that say for whom is encrypted. */
export function withEncryptionOptions(command: Command): Command {
  return withKeyOptions(
    command.option("--recipient <key>", "whose key may decrypt it, age1…; repeatable", collect, []),
  );
}

const keysHelp = `
A key is 32 bytes in Base64 or hexadecimal. The command that prints one is run without a shell. By age, which needs the package
age-encryption, what is written is read by age and rage too.
`;

/** Encrypts a file. */
export function encryptCommand(): Command {
  return withEncryptionOptions(
    new Command("encrypt")
      .description("Encrypt a file, by age or by AES-256-GCM.")
      .argument("<file>", "the file")
      .requiredOption("-o, --out <file>", "the encrypted file"),
  )
    .addHelpText(
      "after",
      `${keysHelp}
Examples:
  tenon encrypt model.onnx -o model.onnx.age --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
  tenon encrypt model.onnx -o model.onnx.enc --key-env TENON_MODEL_KEY
  tenon encrypt model.onnx -o model.onnx.enc \\
    --key-command "aws kms decrypt --ciphertext-blob fileb://key.enc --query Plaintext --output text"`,
    )
    .action(async (file: string, options: EncryptOptions) => {
      const { encryptOne } = await import("../encryption/encrypt-one.ts");
      await encryptOne(file, options);
    });
}

/** Decrypts a file. */
export function decryptCommand(): Command {
  return withKeyOptions(
    new Command("decrypt")
      .description("Decrypt a file that tenon encrypt, age or rage encrypted.")
      .argument("<file>", "the encrypted file")
      .requiredOption("-o, --out <file>", "the decrypted file, which is there whole or not at all")
      .option("--identity <file>", "a file of age's identities, as age-keygen writes it"),
  )
    .addHelpText(
      "after",
      `${keysHelp}
Examples:
  tenon decrypt model.onnx.age -o model.onnx --identity key.txt
  tenon decrypt model.onnx.enc -o model.onnx --key-env TENON_MODEL_KEY`,
    )
    .action(async (file: string, options: DecryptOptions) => {
      const { decryptOne } = await import("../encryption/encrypt-one.ts");
      await decryptOne(file, options);
    });
}

function withKeyOptions(command: Command): Command {
  return command
    .option("--key-env <name>", "the environment variable that holds the key")
    .option("--key-command <command>", "the command that prints the key, such as a key management service's")
    .option("--passphrase-env <name>", "the environment variable that holds a passphrase for age");
}
