//! Runs the model on ones and on minus two, of which the scores are minus the double.
use sensor_net::{Arena, Inputs, Model, Outputs};

fn scores(value: f32) -> [f32; 6] {
    let mut arena = Arena::new();
    let mut model = Model::new(&mut arena).unwrap();
    let mut scores = [0f32; 6];
    model.run(&Inputs { x: &[value; 24] }, &mut Outputs { scores: &mut scores }).unwrap();
    scores
}

fn main() {
    let (one, two) = (scores(1.0), scores(-2.0));
    let ratios: Vec<f32> = one.iter().zip(&two).map(|(a, b)| b / a * 3.0).collect();
    assert!(ratios.iter().all(|ratio| (ratio + 6.0).abs() < 1e-4));
    println!("3 {:.0}", ratios[0]);
}
