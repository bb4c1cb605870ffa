//! `lambdasweep checks`.

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use lambdasweep_checks::lint_dir;

use crate::arguments::ChecksCommand;
use crate::{FAILED, FINE, Usage, setup, terminal};

pub(crate) fn run(command: &ChecksCommand) -> Result<u8> {
    match command {
        ChecksCommand::List { checks_dir, json } => {
            let registry = setup::registry(checks_dir.as_deref())?;
            if *json {
                let all: Vec<_> = registry
                    .all()
                    .map(|check| {
                        serde_json::json!({
                            "id": check.id,
                            "title": check.title,
                            "severity": check.gravest(),
                            "severities": check.severities,
                            "practice": check.practice,
                            "scope": check.scope.as_str(),
                            "facts": check.facts,
                            "frameworks": check.frameworks,
                        })
                    })
                    .collect();
                terminal::own_result(&serde_json::to_string_pretty(&all)?)?;
                return Ok(FINE);
            }
            let mut table = Table::new();
            let style = terminal::style();
            table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width).force_no_tty();
            for check in registry.all() {
                table.add_row([check.id.clone(), check.gravest().to_string(), check.title.clone()]);
            }
            terminal::own_result(&table.to_string())?;
            Ok(FINE)
        }
        ChecksCommand::Show { id, checks_dir } => {
            let registry = setup::registry(checks_dir.as_deref())?;
            let check = registry.get(id).map_err(|error| Usage(error.to_string()))?;
            terminal::own_result(&check.markdown)?;
            Ok(FINE)
        }
        ChecksCommand::Lint { dir } => {
            let (checked, problems) = lint_dir(dir)?;
            for problem in &problems {
                terminal::error(problem);
            }
            terminal::own_result(&format!("{checked} checks, {} problems", problems.len()))?;
            Ok(if problems.is_empty() { FINE } else { FAILED })
        }
    }
}
