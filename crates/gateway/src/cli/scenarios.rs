//! `paycode scenarios`: what the simulator can play, and with which codes; with `--check`, whether the gateway ends all of it
//! as it should.

mod check;

use std::process::ExitCode;

use crate::sandbox::scenario_list;

/// Lists them, or plays them all.
pub(super) async fn run(check: bool, json: bool) -> anyhow::Result<ExitCode> {
    if check {
        return check::run(json).await;
    }
    let list = scenario_list();
    if json {
        for scenario in list {
            println!("{scenario}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    println!("付款码 = 前缀 + 0000 + 场景 + 任意尾号 / code = prefix + 0000 + scenario + any tail");
    println!("微信 18 位, 前缀 13: 130000SSSxxxxxxxxx   支付宝 18 位, 前缀 28: 280000SSSxxxxxxxxx");
    println!("云闪付 19 位, 前缀 62: 620000SSSxxxxxxxxxx / WeChat 18 digits, Alipay 18, UnionPay 19");
    println!();
    for scenario in list.iter().filter(|scenario| scenario["played"] == true) {
        println!(
            "{}  {:<10} {} / {}",
            scenario["scenario"].as_str().unwrap_or_default(),
            scenario["status"].as_str().unwrap_or_default(),
            scenario["zh"].as_str().unwrap_or_default(),
            scenario["en"].as_str().unwrap_or_default(),
        );
    }
    Ok(ExitCode::SUCCESS)
}
