/** @file The extension in Korean: what it adds to VS Code, and what it says. */
import { code, notebookFile } from "../support/notebook-file.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("the extension in Korean", function () {
  this.timeout(600_000);
  let workbench: Workbench;

  useWorkbench({
    language: "ko",
    files: {
      "매개변수.ipynb": notebookFile(
        { ...code("let epochs = 5;"), metadata: { tags: ["parameters"] } },
        "epochs",
      ),
    },
    ready: (opened) => {
      workbench = opened;
    },
  });

  it("has its commands, questions and views in Korean", async () => {
    const notebook = await workbench.openNotebook("매개변수.ipynb");
    await notebook.toolbar("매개변수로 실행");
    await workbench.quickWidget().getByText("기본값").first().waitFor();
    await workbench.screenshot("korean-parameters");
    await workbench.quickPick("새 커널에서 모든 셀");
    await notebook.cell(1).waitForOutput("5");
    await workbench.page.locator(".activitybar").getByRole("tab", { name: "Tenon" }).click();
    const variables = await workbench.webview("epochs");
    await variables.getByRole("button", { name: "이름" }).waitFor();
    await workbench.screenshot("korean-variables");
  });
});
