import base from "../playwright.config.js";

/** Encoders and players that nobody here wrote. Beside the gate's browser part: `cargo xtask test --only encoders`. */
export default { ...base, testDir: ".", outputDir: "../output/encoders", retries: 0 };
